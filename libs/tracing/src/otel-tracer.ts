import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { proxyFor } from '@lockstep/proxy';
import { ROOT_CONTEXT, SpanStatusCode, trace, type Span as OtelSpan } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { noSpan, type Attributes, type Span, type TraceParent, type Tracer } from './tracer.js';

const CLOSE_GRACE_MS = 2_000;
/** Room for the spans of several steps between two exports. */
const MOST_WAITING = 8_192;

/**
 * Records with OpenTelemetry's SDK and exports by OTLP over HTTP, as JSON. The standard variables
 * set the endpoint, the sampler (`OTEL_TRACES_SAMPLER`: one decision per step) and the service
 * name.
 *
 * @param endpoint the endpoint that those variables set
 */
export function createOtelTracer(service: string, endpoint: string, instance?: string): Tracer {
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': service,
        ...(instance === undefined ? {} : { 'service.instance.id': instance }),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = new OTLPTraceExporter({ httpAgentOptions: () => createAgent(endpoint) });
  const processor = new BatchSpanProcessor(exporter, { maxQueueSize: MOST_WAITING });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('lockstep');
  return {
    begin: (name, attributes = {}) =>
      wrap(tracer.startSpan(name, { root: true, attributes }, ROOT_CONTEXT)),
    under: (parent, name, attributes: Attributes = {}) => {
      const context = parent === undefined ? null : parseTraceParent(parent);
      if (!context) return noSpan;
      return wrap(
        tracer.startSpan(name, { attributes }, trace.setSpanContext(ROOT_CONTEXT, context)),
      );
    },
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_GRACE_MS)));
      // If the collector is unreachable, only the last spans are lost.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function wrap(span: OtelSpan): Span {
  if (!span.isRecording()) return noSpan;
  return {
    parent: traceParentOf(span),
    end: (error) => {
      if (error !== undefined) {
        const because = error instanceof Error ? { message: error.message } : {};
        span.setStatus({ code: SpanStatusCode.ERROR, ...because });
      }
      span.end();
    },
  };
}

function traceParentOf(span: OtelSpan): TraceParent {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Also limits connecting, unlike the timeout of a request. */
const AGENT_OPTIONS = { keepAlive: true, timeout: 10_000 };

/** Connections to a collector, through the proxy set in the environment. */
function createAgent(endpoint: string): HttpAgent {
  const proxy = proxyFor(endpoint);
  if (endpoint.startsWith('https:')) {
    return proxy === undefined
      ? new HttpsAgent(AGENT_OPTIONS)
      : new HttpsProxyAgent(proxy, AGENT_OPTIONS);
  }
  return proxy === undefined
    ? new HttpAgent(AGENT_OPTIONS)
    : new HttpProxyAgent(proxy, AGENT_OPTIONS);
}
