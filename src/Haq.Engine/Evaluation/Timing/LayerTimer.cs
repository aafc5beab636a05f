using System.Collections.Immutable;
using System.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>
/// Times every layer of a model alone in ONNX Runtime, in float32 and in int8. Layers of one shape are timed once. Runs of both kinds alternate, so that what
/// disturbs the machine disturbs both.
/// </summary>
public static class LayerTimer
{
    private const ulong Seed = 1;

    /// <summary>Times all layers.</summary>
    /// <param name="view">The model.</param>
    /// <param name="survey">Its layers.</param>
    /// <param name="shapes">Its shapes, at the batch to time.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told the number of layers done.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <exception cref="Diagnostics.HaqException">ONNX Runtime cannot run a layer (HAQ0310 and on).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImmutableArray<LayerTiming> Time(
        GraphView view, LayerSurvey survey, ShapeTable shapes, LayerTimerOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        options ??= LayerTimerOptions.Default;
        var random = new SeededRandom(Seed);
        var known = new Dictionary<(LayerShape, OpSignature), (RunTime Float, RunTime Int8)>();
        var timings = ImmutableArray.CreateBuilder<LayerTiming>(survey.Layers.Length);
        foreach (var found in survey.Layers)
        {
            var key = (found.Layer.Shape, OpSignature.Of(found.Node));
            if (!known.TryGetValue(key, out var times))
            {
                long[] input = [.. shapes[found.Input].Shape], output = [.. shapes[found.Output].Shape];
                known[key] = times = TimeBoth(SingleLayerModel.Float(view, found, input, output), SingleLayerModel.Int8(view, found, input, output), options, random.Fork(found.Name), cancellation);
            }
            timings.Add(new LayerTiming(found.Layer, times.Float, times.Int8));
            progress?.Report(timings.Count);
        }
        return timings.MoveToImmutable();
    }

    /// <summary>The timings as entries of a measured table: w32a32 and w8a8 for every layer.</summary>
    public static IEnumerable<MeasuredEntry> Entries(IEnumerable<LayerTiming> timings) => timings.SelectMany(t => new[]
    {
        new MeasuredEntry(t.Layer.Name, new LayerBits(8, 8), t.Int8.MedianSeconds, null),
        new MeasuredEntry(t.Layer.Name, new LayerBits(32, 32), t.Float.MedianSeconds, null),
    });

    private static (RunTime Float, RunTime Int8) TimeBoth(SingleLayerModel real, SingleLayerModel quantized, LayerTimerOptions options, SeededRandom random, CancellationToken cancellation)
    {
        using var first = new TimedLayer(real, options.Threads, random);
        using var second = new TimedLayer(quantized, options.Threads, random);
        for (int i = 0; i < options.WarmUp; i++)
        {
            first.Run();
            second.Run();
        }
        var (a, b) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (a.Count < options.LeastRuns || (a.Count < options.MostRuns && clock.Elapsed < options.LeastTime))
        {
            cancellation.ThrowIfCancellationRequested();
            a.Add(first.Run());
            b.Add(second.Run());
        }
        return (RunTime.Of(a.ToArray()), RunTime.Of(b.ToArray()));
    }
}
