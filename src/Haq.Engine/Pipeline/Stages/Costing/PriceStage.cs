using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Search;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Pipeline.Stages.Costing;

/// <param name="Model">The network.</param>
/// <param name="Declared">The hardware as its file declares it.</param>
/// <param name="Target">The hardware, ready to price layers.</param>
/// <param name="Limits">What may be spent; accuracy is no cost.</param>
/// <param name="Bits">The widths to choose from.</param>
/// <param name="Layers">What is said about single layers.</param>
/// <param name="SharesWeights">Weights share codebooks.</param>
/// <param name="StoresTables">Tables that rows are looked up in are stored in 8 bits.</param>
/// <param name="Manifest">Where to point when nothing closer is known.</param>
/// <param name="HardwareAt">Where the hardware is named.</param>
/// <param name="IsMeasured">Whole files are measured on this machine, so that what latency allows is seen there.</param>
/// <param name="FloatFileBytes">The float model's file: what factors of <c>file-size</c> are of; 0 where no limit asks for it.</param>
/// <param name="Weights">How weights are stored; null where no limit on the file asks for it.</param>
internal sealed record PriceInputs(
    Handle<QuantizableModel> Model, Handle<HardwareTarget> Declared, Handle<HardwareTarget> Target, BudgetSettings Limits, BitsSettings Bits, ImmutableArray<LayerSettings> Layers, bool SharesWeights,
    bool StoresTables, SourceLocation Manifest, SourceLocation HardwareAt, bool IsMeasured, long FloatFileBytes, WeightOptions? Weights);

/// <summary>Prices every choice, and refuses a budget that no choice can meet.</summary>
internal sealed class PriceStage : Stage<PriceInputs, Pricing>
{
    // What ONNX Runtime's processor kernels have; 4 bits are of weights in blocks.
    private static readonly ImmutableArray<Bitwidth> s_weights = [new(4), Bitwidth.Eight, Bitwidth.Float], s_activations = [Bitwidth.Eight, Bitwidth.Float];

    public override string Name => "price";

    public override Pricing Run(PriceInputs inputs, StageScope scope)
    {
        if (!inputs.SharesWeights) AskedWidths.Check(inputs, inputs.Declared.Value);
        var model = inputs.Model.Value;
        var target = inputs.Target.Value;
        scope.Report($"pricing {model.Layers.Length} layers on {target.Name}");
        var layers = model.Items;
        var costs = CostTable.Build(target, layers, StoredParameters.FixedBits(model.View, model.Survey, inputs.StoresTables ? model.Tables : []),
            borders: target.Host is null ? null : HostIslands.Of(model.View, model.Shapes, model.Layers, model.Form?.Profile));
        if (inputs.SharesWeights) costs = costs.WithCodebooks();
        if (inputs.Weights is { } weights) costs = costs.WithFile(FileEstimate.Of(model, weights with { Tables = inputs.StoresTables }, target.Bits.Weights));
        var choices = new WidthChoices(inputs, target, costs, layers);
        bool isOpen = inputs.IsMeasured && inputs.Bits.At is null;
        var space = choices.Within(isOpen ? s_weights : inputs.Bits.Weights, isOpen ? s_activations : inputs.Bits.Activations);
        RejectUnknownSkips(inputs.Layers, model);
        var resolver = new BudgetResolver(target, costs, layers) { FloatFileBits = 8 * inputs.FloatFileBytes };
        var limits = inputs.Limits;
        var request = new BudgetRequest(inputs.IsMeasured ? null : Limit(limits.Latency), Limit(limits.Energy), Limit(limits.Size), Limit(limits.EffectiveBits), Limit(limits.FileSize));
        var budget = resolver.Resolve(request);
        if (resolver.Shortfalls(request, space.ChoicesOf) is [var first, ..]) throw first.Error();
        Located<Quantity>?[] given = [limits.Latency, limits.Energy, limits.Size ?? limits.EffectiveBits, limits.FileSize];
        if (given.Count(l => l is not null) > 1)
            Affordability.Policy(space, costs, budget, given.First(l => l is not null)!.Value.At, [.. layers.Select(l => l.Name)]);
        return new Pricing(costs, space, budget, resolver.EightBit, resolver.FloatSizeBits) { UniformPair = choices.Uniform };
    }

    private static BudgetLimit? Limit(Located<Quantity>? limit) => limit is { } l ? new BudgetLimit(l.Value, l.At) : null;

    private static void RejectUnknownSkips(ImmutableArray<LayerSettings> entries, QuantizableModel model)
    {
        foreach (var entry in entries.Where(l => l.Skip))
        {
            if (model.Items.Any(l => entry.Matches(l.Name)) || model.Survey.Skipped.Any(s => entry.Matches(s.Name)) || model.Survey.Tables.Any(t => entry.Matches(t.Name))) continue;
            string? near = Suggestion.For(entry.Pattern, model.Layers.Select(l => l.Name));
            throw DiagnosticCatalog.UnknownLayer.Error(entry.At, $"no layer is called '{entry.Pattern}'; {(near is null ? "'haq inspect' lists the layers" : $"did you mean '{near}'?")}");
        }
    }
}
