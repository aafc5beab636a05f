using System.Collections.Immutable;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>Puts what was measured into the report's form.</summary>
internal static class RegionReport
{
    public static MeasuredFacts? Of(SearchOutcome outcome) => outcome.Regions is not { } record ? null : new MeasuredFacts
    {
        FloatMs = record.FloatMs,
        QuantizedMs = record.QuantizedMs,
        UniformInt8Ms = record.UniformInt8Ms,
        PredictedMs = record.PredictedMs,
        Ratio = record.Ratio,
        RatioLow = record.RatioLow,
        RatioHigh = record.RatioHigh,
        Threads = record.Threads,
        Batch = record.Batch,
        Processor = record.Processor,
        InstructionSets = record.InstructionSets,
        Runtime = record.Runtime,
        Integers = record.Integers,
        Operators = record.Operators,
        Files = [.. outcome.RegionTrials.Select(t => new MeasuredFileFacts
        {
            Integers = RegionPlan.Parse(t.Plan).Integers, PredictedMs = t.PredictedMs, MeasuredMs = t.MeasuredMs, Ratio = t.Ratio, Excess = t.Excess,
        })],
    };

    /// <summary>The layers with what became of them; what costs of layers alone would explain is no reason here.</summary>
    public static ImmutableArray<LayerFacts> Placed(SearchOutcome outcome, ImmutableArray<LayerFacts> layers)
    {
        if (outcome.Regions is not { Layers: { IsDefaultOrEmpty: false } placed }) return layers;
        return [.. layers.Select(l => l.Index < placed.Length ? l with { Placement = Of(placed[l.Index]), Why = null } : l)];
    }

    private static PlacementFacts Of(RegionLayer layer) => new()
    {
        Form = NameOf(RegionPlan.Parse(layer.Form)[0]),
        Region = layer.Region > 0 ? layer.Region : null,
        PredictedMs = layer.PredictedMs,
        MeasuredMs = layer.MeasuredMs,
        FloatMs = layer.FloatMs,
    };

    private static string NameOf(UnitForm form) => form switch
    {
        UnitForm.Integers => "integers",
        UnitForm.Dynamic => "dynamic integers",
        UnitForm.Blocks8 => "8-bit blocks",
        UnitForm.Blocks4 => "4-bit blocks",
        _ => "float",
    };
}
