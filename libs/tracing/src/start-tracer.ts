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
  const endpoint = endpointIn(environment);
  if (endpoint === undefined) return noTracer;
  return (await import('./otel-tracer.js')).createOtelTracer(service, endpoint, instance);
}

/** @returns undefined where no traces are to be sent */
function endpointIn(environment: NodeJS.ProcessEnv): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  const endpoint = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOff = OTEL_SDK_DISABLED === 'true' || OTEL_TRACES_EXPORTER === 'none';
  return isOff || !endpoint ? undefined : endpoint;
}
