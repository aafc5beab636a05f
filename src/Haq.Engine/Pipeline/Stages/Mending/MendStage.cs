using System.Collections.Immutable;
using System.Text.Json;
using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Mending;

/// <param name="Source">The model as it was read.</param>
/// <param name="Float">The same, as others are compared with it.</param>
/// <param name="Model">The network, ready to be quantized.</param>
/// <param name="Pricing">What every choice costs, and what may be spent.</param>
/// <param name="Target">The hardware.</param>
/// <param name="Quantizer">What gives every policy its numbers.</param>
/// <param name="Samples">What outputs are compared on.</param>
/// <param name="Scored">What accuracy is measured on.</param>
/// <param name="AccuracyDrop">Percentage points that may be lost; null for no limit.</param>
/// <param name="Quality">Points of what; null without a limit.</param>
/// <param name="Pinned">Layers and tensors whose widths the manifest writes one by one.</param>
/// <param name="Policy">The choice.</param>
/// <param name="Eight">All of it at 8 bits, where the choice is narrower though the budget has room for them; otherwise null.</param>
internal sealed record MendInputs(
    Handle<OnnxModel> Source, [property: NoInfluence("it is the source")] Handle<FloatNetwork> Float, Handle<QuantizableModel> Model,
    Handle<Pricing> Pricing, Handle<HardwareTarget> Target, Handle<PostTrainingQuantizer> Quantizer, Handle<IDataset> Samples,
    Handle<EvaluationSet> Scored, double? AccuracyDrop, Quality? Quality, ImmutableArray<string> Pinned, Policy Policy, Policy? Eight);

/// <summary>
/// Looks at what 8 bits leave of the outputs and, where a limit is set, of the accuracy, before anything is exported. Where too little is left and
/// the budget has room, the layers and tensors that need
/// it are left wider. Null where nothing has to be, or nothing can be within the budget.
/// </summary>
internal sealed class MendStage : CachedStage<MendInputs, Mended>
{
    private const string FileName = "mending.json";

    public override string Name => "mend";

    public override int Version => StageVersions.Mend;

    public override Mended Run(MendInputs inputs, StageScope scope)
    {
        scope.Report("comparing outputs with float");
        var check = new OutputCheck(inputs.Float.Value, inputs.Samples.Value, scope.Cancellation);
        var quantizer = inputs.Quantizer.Value;
        var goal = new MendGoal(quantizer, check, inputs.AccuracyDrop is { } drop ? (inputs.Scored.Value, drop, inputs.Quality!.Value) : null, scope.Cancellation);
        var (output, before) = check.Worst(quantizer.Quantize(inputs.Policy));
        if (before >= AgreementFacts.Close && goal.KeepsAccuracy(inputs.Policy)) return Mended.Nothing(inputs.Policy);
        var pricing = inputs.Pricing.Value;
        bool Affordable(Policy policy) => pricing.Budget.Admits(pricing.Costs.PriceWhole(policy));
        var repair = new Repair(inputs.Model.Value, inputs.Target.Value, goal, [.. inputs.Pinned], Affordable, scope);
        if (repair.Find(inputs.Eight ?? inputs.Policy, output) is not { } wider) return Mended.Nothing(inputs.Policy);
        if (!Affordable(wider)) return Mended.Nothing(inputs.Policy, isUnaffordable: true);
        return new Mended(SearchOutcome.Flatten(wider), new MendingFacts
        {
            Output = output,
            Before = before,
            Lost = before >= AgreementFacts.Close ? goal.Lost(inputs.Policy)?.Points : null,
            After = check.Worst(quantizer.Quantize(wider)).Cosine,
            Widened = Repair.Widened(inputs.Model.Value, inputs.Policy, wider),
        }, IsUnaffordable: false);
    }

    public override void Write(Mended result, string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(result, SearchOutcomeJson.Default.Mended));

    public override Mended Read(MendInputs inputs, string folder) => JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.Mended)!;
}
