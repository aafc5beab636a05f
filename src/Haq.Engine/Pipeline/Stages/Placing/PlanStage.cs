using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <param name="Quantizer">What gives layers their numbers.</param>
/// <param name="Pricing">Which widths they may have.</param>
internal sealed record PlanInputs(Handle<PostTrainingQuantizer> Quantizer, Handle<Pricing> Pricing);

/// <summary>What gives a plan its numbers.</summary>
internal sealed class PlanStage : Stage<PlanInputs, RegionQuantizer>
{
    public override string Name => "quantize";

    public override RegionQuantizer Run(PlanInputs inputs, StageScope scope)
    {
        var quantizer = inputs.Quantizer.Value;
        var known = quantizer.Calibration.Tensors.Where(t => quantizer.Calibration.HistogramOf(t).NonFinite == 0).ToHashSet(StringComparer.Ordinal);
        var space = inputs.Pricing.Value.Space;
        // The widest integers that each layer may have.
        ImmutableArray<LayerBits> widths = [.. Enumerable.Range(0, space.Layers).Select(layer =>
            space.ChoicesOf(layer).ToArray().Where(b => !b.Activations.IsFloat && b.Weights <= Bitwidth.Eight).DefaultIfEmpty(LayerBits.Float).MaxBy(b => b.Weights * b.Activations))];
        var map = quantizer.Model.Regions!.Within(known.Contains);
        var tables = quantizer.Tables.Select(t => t.Found.Name).ToHashSet(StringComparer.Ordinal);
        map = map with { Units = [.. map.Units.Select(u => u.Table is { } table && !tables.Contains(table.Name) ? u with { Table = null } : u)] };
        return new RegionQuantizer(quantizer, map, widths);
    }
}

/// <param name="Network">The network under the plan's policy.</param>
/// <param name="Quantizer">What gives the plan its numbers.</param>
/// <param name="Plan">A character per unit.</param>
internal sealed record PlaceInputs(Handle<QuantizedModel> Network, Handle<RegionQuantizer> Quantizer, string Plan);

/// <summary>The network with the pairs between layers that a plan has.</summary>
internal sealed class PlaceStage : Stage<PlaceInputs, QuantizedModel>
{
    public override string Name => "quantize";

    public override QuantizedModel Run(PlaceInputs inputs, StageScope scope)
    {
        var quantizer = inputs.Quantizer.Value;
        if (RegionPlan.TryParse(inputs.Plan) is not { } plan || plan.Count != quantizer.Map.Units.Length)
        {
            throw DiagnosticCatalog.LockUnreadable.Error((SourceLocation?)null,
                $"the plan in haq.lock.json is for other operators than the model has ({quantizer.Map.Units.Length}). Delete it and build again.");
        }

        return quantizer.Place(inputs.Network.Value, plan);
    }
}
