using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Quantizing;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>Measures a policy as a build would report it: the exported model in a plain session, on samples that no choice is made on.</summary>
public static class PolicyMeasurement
{
    /// <summary>Measures the policy that <paramref name="choose"/> names.</summary>
    /// <param name="workspace">The manifest and its data.</param>
    /// <param name="choose">The policy.</param>
    /// <param name="steps">Measure what each step of quantization gains too.</param>
    public static Measurement Run(Workspace workspace, Func<Workspace, Policy> choose, bool steps = false)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(choose);
        var policy = choose(workspace);
        var (network, regions) = workspace.Stages.AsBuilt(policy, workspace.LockedChoice());
        var quantized = network.Value;
        foreach (var warning in WideSums.Of(quantized)) workspace.Run.Warn(warning);
        var set = workspace.ReportedSet;
        workspace.Run.Report("evaluate", $"measuring on {set.Count} samples");
        SampleScore[] samples;
        using (var session = new OrtSession(QdqExporter.Export(quantized, forProcessor: regions is not null),
            MeasuringSettings.Scoring(quantized.Model, regions is not null)))
        {
            samples = set.Run(session, workspace.Run.Cancellation);
        }

        return new Measurement(policy, set.Float, set.Summarize(samples), workspace.Pricing.Costs.PriceWhole(policy), workspace.Pricing.EightBit)
        {
            Regions = regions,
            Difference = set.HasTop1 ? PairedDifference.OfTop1(samples, set.FloatSamples.AsSpan()) : null,
            Steps = steps ? StepRecord.Of(workspace.Stages.Steps, policy, quantized, set, new MeasuringTime(TimeSpan.Zero, isFull: true), null, new LeftOut(),
                message => workspace.Run.Report("report", message), workspace.Run.Cancellation) : [],
        };
    }
}
