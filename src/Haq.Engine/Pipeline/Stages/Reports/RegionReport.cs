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
}
