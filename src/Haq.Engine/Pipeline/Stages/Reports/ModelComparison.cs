using System.Diagnostics;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The float and the exported model in ONNX Runtime on this machine: run time, and how far the outputs are apart.</summary>
/// <param name="original">The model as it was read.</param>
/// <param name="exported">What was made of it.</param>
/// <param name="output">The output that is compared.</param>
/// <param name="data">The samples.</param>
/// <param name="elsewhere">The exported file is for another toolchain's hardware.</param>
/// <param name="apart">The models are so large that only one is made ready to run at a time.</param>
/// <param name="recorded">The outputs of both on the first samples, where they are known.</param>
internal sealed class ModelComparison(
    OnnxModel original, OnnxModel exported, string output, IDataset data, bool apart, bool elsewhere, (OutputRecord Original, OutputRecord Exported)? recorded = null)
{
    private const int ComparedSamples = 64, WarmUp = 5, LeastRuns = 15, MostRuns = 200;
    private const int LargeSamples = 16, LargeWarmUp = 2, LargeRuns = 5;

    private readonly SessionSettings _settings = PlainSession.For(original, elsewhere);
    private readonly OutputDifference _difference = new();

    /// <summary>Both figures; runs are timed for as long as <paramref name="patience"/> says, and a few in any case.</summary>
    public (OutputDifferenceFacts Difference, RunTimeFacts Times) Run(TimeSpan patience, CancellationToken cancellation) =>
        apart ? OneAfterTheOther(cancellation) : SideBySide(patience, cancellation);

    /// <summary>The two in turn, so that a drift of the machine's speed meets both.</summary>
    private (OutputDifferenceFacts Difference, RunTimeFacts Times) SideBySide(TimeSpan patience, CancellationToken cancellation)
    {
        using var before = new ModelRuns(original, output, _settings, data);
        using var after = new ModelRuns(exported, output, _settings, data);
        int samples = Math.Min(ComparedSamples, data.Count), known = AddRecorded(samples);
        for (int sample = known; sample < samples; sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            _difference.Add(before.OutputOf(sample), after.OutputOf(sample));
        }
        before.WarmUp(WarmUp);
        after.WarmUp(WarmUp);
        var clock = Stopwatch.StartNew();
        while (before.Count < LeastRuns || (clock.Elapsed < patience && before.Count < MostRuns))
        {
            cancellation.ThrowIfCancellationRequested();
            before.Time();
            after.Time();
        }
        return (_difference.Facts, Facts(before.Summary(), after.Summary()));
    }

    private int AddRecorded(int most)
    {
        if (recorded?.Original.ValuesOf(output) is not { } before || recorded?.Exported.ValuesOf(output) is not { } after) return 0;
        int count = 0;
        foreach (var (one, other) in before.Zip(after).Take(most))
        {
            _difference.Add(one, other);
            count++;
        }
        return count;
    }

    /// <summary>Two large networks ready to run would take more memory than all the rest of the build.</summary>
    private (OutputDifferenceFacts Difference, RunTimeFacts Times) OneAfterTheOther(CancellationToken cancellation)
    {
        var references = new List<float[]>();
        var before = Record(original, (_, output) => references.Add(output), cancellation);
        var after = Record(exported, (sample, output) => _difference.Add(references[sample], output), cancellation);
        return (_difference.Facts, Facts(before, after));
    }

    private RunTimes Record(OnnxModel model, Action<int, float[]> observe, CancellationToken cancellation)
    {
        using var runs = new ModelRuns(model, output, _settings, data);
        for (int sample = 0; sample < Math.Min(LargeSamples, data.Count); sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            observe(sample, runs.OutputOf(sample));
        }
        runs.WarmUp(LargeWarmUp);
        while (runs.Count < LargeRuns)
        {
            cancellation.ThrowIfCancellationRequested();
            runs.Time();
        }
        return runs.Summary();
    }

    private RunTimeFacts Facts(RunTimes before, RunTimes after) => new()
    {
        FloatMsPerImage = before.Median,
        QuantizedMsPerImage = after.Median,
        FloatSpreadMs = before.Spread,
        QuantizedSpreadMs = after.Spread,
        Threads = _settings.Threads,
        Batch = before.Rows,
        Runs = before.Count,
    };
}
