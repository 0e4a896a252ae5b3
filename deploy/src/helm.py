"""Renders a chart by Helm's own engine.

Reads {"chart": DIR, "releases": [{"values": YAML, "name": …, "namespace": …}]} on stdin, writes
{"findings": […], "releases": [{"files": {NAME: TEXT}} or {"error": TEXT}]} on stdout.
"""

import json
import sys

import helm_python as helm

request = json.load(sys.stdin)


def render(chart, release):
    try:
        values = helm.values_from_yaml(release["values"]) or {}
        chart.validate_schema(values)
        place = {"name": release["name"], "namespace": release["namespace"]}
        return {"files": chart.render(values, **place)}
    except Exception as error:
        return {"error": str(error)}


findings = helm.lint(request["chart"])["messages"]
with helm.Chart.load(request["chart"]) as chart:
    releases = [render(chart, release) for release in request["releases"]]
json.dump({"findings": findings, "releases": releases}, sys.stdout)
