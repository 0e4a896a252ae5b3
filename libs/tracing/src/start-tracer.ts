import { noTracer, type Tracer } from './tracer.js';

/**
 * Starts tracing if OpenTelemetry's variables set an endpoint; the SDK is only loaded then.
 *
 * @param service the `service.name`; `OTEL_SERVICE_NAME` overrides it
 * @param instance distinguishes processes of one service
 */
export async function startTracer(
  service: string,
  instance?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Tracer> {
  const endpoint = endpointIn(environment);
  if (endpoint === undefined) return noTracer;
  return (await import('./otel-tracer.js')).createOtelTracer(service, endpoint, instance);
}

/** @returns undefined if no traces are to be sent */
function endpointIn(environment: NodeJS.ProcessEnv): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  const endpoint = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOff = OTEL_SDK_DISABLED === 'true' || OTEL_TRACES_EXPORTER === 'none';
  return isOff || !endpoint ? undefined : endpoint;
}
