using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mercato.Hosting;

/// <summary>The one source of traces and the one meter. Names follow OpenTelemetry's conventions.</summary>
public static class Telemetry
{
    public const string Name = "Mercato";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    internal static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // OTLP is sent only where an operator has said where to.
        var export = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not null;
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
                    "System.Runtime").AddPrometheusExporter();
                if (export)
                {
                    metrics.AddOtlpExporter();
                }
            })
            .WithTracing(traces =>
            {
                traces.AddSource(Name).AddAspNetCoreInstrumentation();
                if (export)
                {
                    traces.AddOtlpExporter();
                }
            });
    }
}
