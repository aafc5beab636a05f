using System.Globalization;
using System.Runtime.InteropServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>Fills a target whose figures are measured on this machine.</summary>
public static class MeasuredHardware
{
    private const int NamedLayers = 5;

    /// <summary><paramref name="target"/> with measured figures; any other target as it is.</summary>
    /// <param name="target">The hardware.</param>
    /// <param name="view">The model.</param>
    /// <param name="survey">Its layers.</param>
    /// <param name="shapes">Its shapes; their batch is the one that is timed.</param>
    /// <param name="warn">Told where int8 is slower than float32, and where timings spread widely.</param>
    /// <param name="options">How to time.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static HardwareTarget Ready(
        HardwareTarget target, GraphView view, LayerSurvey survey, ShapeTable shapes, Action<Diagnostic> warn, LayerTimerOptions? options = null,
        CancellationToken cancellation = default)
    {
        if (!target.NeedsMeasuring) return target;
        options ??= LayerTimerOptions.Default;
        var timings = LayerTimer.Time(view, survey, shapes, options, progress: null, cancellation);
        if (SlowerInInt8(timings) is { } slower) warn(DiagnosticCatalog.QuantizingIsSlower.At(null, slower));
        var spread = timings.Select(t => Math.Max(t.Float.SpreadSeconds / t.Float.MedianSeconds, t.Int8.SpreadSeconds / t.Int8.MedianSeconds)).Order().ToArray();
        string device = string.Create(
            CultureInfo.InvariantCulture,
            $"this machine ({RuntimeInformation.ProcessArchitecture}, {options.Threads} thread{(options.Threads == 1 ? "" : "s")}; median of {timings.Min(t => t.Float.Runs)} runs and more, quartiles typically {spread[spread.Length / 2]:P0} apart)");
        return target.WithMeasurements(LayerTimer.Entries(timings), device, (int)shapes.Batch);
    }

    private static string? SlowerInInt8(IReadOnlyCollection<LayerTiming> timings)
    {
        var slower = timings.Where(t => t.IsInt8Slower).OrderBy(t => t.Gain).ToArray();
        if (slower.Length == 0) return null;
        string list = string.Join(", ", slower.Take(NamedLayers).Select(t => string.Create(CultureInfo.InvariantCulture, $"'{t.Layer.Name}' ({1 / t.Gain:0.0}x)")));
        return $"{slower.Length} of {timings.Count} layers take longer in int8 than in float32 on this machine: {list}{(slower.Length > NamedLayers ? ", …" : "")}. Leave them in float32.";
    }
}
