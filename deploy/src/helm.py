"""Renders a chart by Helm's own engine.

Reads {"chart": DIR, "releases": [{"values": YAML, "name": …, "namespace": …}]} on stdin, writes
{"findings": […], "releases": [{"files": {NAME: TEXT}} or {"error": TEXT}]} on stdout. With a "kubeconfig" the
templates see the live objects of its API server, as in `helm upgrade`; nothing is changed there.
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
        if "kubeconfig" in request:
            return {"files": {"manifest": dry_run(chart, values, **place)}}
        return {"files": chart.render(values, **place)}
    except Exception as error:
        return {"error": str(error)}


def dry_run(chart, values, name, namespace):
    access = {"kubeconfig_content": request["kubeconfig"], "namespace": namespace}
    with helm.Config(**access, storage_driver="memory") as config:
        release = config.install(chart, name, values, namespace=namespace, dry_run="server")
        return release["manifest"]


findings = [] if "kubeconfig" in request else helm.lint(request["chart"])["messages"]
with helm.Chart.load(request["chart"]) as chart:
    releases = [render(chart, release) for release in request["releases"]]
json.dump({"findings": findings, "releases": releases}, sys.stdout)
