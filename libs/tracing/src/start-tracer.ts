import { noTracer, type Tracer } from './tracer.js';

/**
 * Traces where OpenTelemetry's variables ask for them, and nothing otherwise: the SDK is loaded only
 * where there is somebody to send to.
 *
 * @param service the `service.name`; `OTEL_SERVICE_NAME` beats it
 * @param instance tells processes of one service apart
 */
export async function startTracer(
  service: string,
  instance?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Tracer> {
  if (!isWanted(environment)) return noTracer;
  return (await import('./otel-tracer.js')).createOtelTracer(service, instance);
}

function isWanted(environment: NodeJS.ProcessEnv): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  const endpoint = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || OTEL_EXPORTER_OTLP_ENDPOINT;
  return Boolean(endpoint) && OTEL_SDK_DISABLED !== 'true' && OTEL_TRACES_EXPORTER !== 'none';
}
