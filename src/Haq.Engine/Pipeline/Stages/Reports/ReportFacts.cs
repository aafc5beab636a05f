using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Graphs;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The facts that need no run of the model: what was read, what was decided, what it costs.</summary>
internal static class ReportFacts
{
    public static ReportModel Of(ReportInputs inputs)
    {
        var (manifest, pricing, policy) = (inputs.Manifest, inputs.Task.Pricing.Value, inputs.Outcome.Policy);
        var survey = inputs.Task.Model.Value.Survey;
        string modelPath = inputs.Exported.Value.Path;
        int batch = pricing.Costs.Batch;
        string file = manifest.Model.FullPath;
        return new ReportModel
        {
            Schema = ReportModel.CurrentSchema,
            Engine = EngineIdentity.Version,
            Model = new ModelFacts
            {
                File = Path.GetFileName(file),
                Sha256 = inputs.ModelDigest,
                Parameters = pricing.FloatSizeBits / 32,
                Macs = survey.Macs,
                FloatBytes = pricing.FloatSizeBits / 8,
            },
            Hardware = HardwareOf(inputs, batch),
            Objective = manifest.Objective.ToString().ToLowerInvariant(),
            Metric = manifest.Metric.Kind?.ToString().ToLowerInvariant(),
            Budget = BudgetOf(manifest.Budget, pricing.Budget),
            PolicyDigest = policy.Digest,
            Cost = CostFacts.Of(pricing.Costs.PriceWhole(policy), batch),
            CostAt8Bit = CostFacts.Of(pricing.EightBit, batch),
            Layers = RegionReport.Placed(inputs.Outcome, LayerReport.Of(inputs)),
            Measured = RegionReport.Of(inputs.Outcome),
            Device = inputs.Outcome.Device,
            Search = SearchReport.Of(inputs.Outcome, inputs.Seed),
            Files =
            [
                new FileFacts { Role = FileFacts.FloatModel, Name = Path.GetFileName(file), Bytes = ModelFiles.Bytes(file, inputs.Source.Value), Sha256 = inputs.ModelDigest },
                new FileFacts { Role = FileFacts.QuantizedModel, Name = Path.GetFileName(modelPath), Bytes = SizeOf(modelPath), Sha256 = FileDigest.Compute(modelPath) },
            ],
            Unquantized = [.. survey.Skipped.Select(s => new UnquantizedFacts { Name = s.Name, Op = s.Op, Reason = s.Reason })],
        };
    }

    private static long SizeOf(string modelPath) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(modelPath)!, Path.GetFileName(modelPath) + "*").Sum(f => new FileInfo(f).Length);

    private static HardwareFacts HardwareOf(ReportInputs inputs, int batch)
    {
        var target = inputs.Target.Value;
        return new HardwareFacts
        {
            Name = target.Name,
            Kind = target.Kind,
            Provenance = target.Provenance,
            Sha256 = target.Digest,
            Batch = batch,
            ClockMhz = target.Parameters.FirstOrDefault(p => p.Key == "clock_mhz") is { } clock ? double.Parse(clock.Value, CultureInfo.InvariantCulture) : null,
            BandwidthGBPerSecond = target.Model.BandwidthBitsPerSecond / 8e9,
            ExpectedError = target.ExpectedError is { } error ? new ExpectedErrorFacts { Percent = error.Percent, Rows = error.Rows, Of = error.Of } : null,
            Assumptions = [.. target.Assumptions, .. SharedWeights.Assumptions(inputs.Manifest)],
        };
    }

    private static BudgetFacts BudgetOf(BudgetSettings asked, Budget resolved)
    {
        var parts = new List<string>();
        if (asked.Latency is { } latency) parts.Add($"latency: {latency.Value}");
        if (asked.Energy is { } energy) parts.Add($"energy: {energy.Value}");
        if (asked.Size is { } size) parts.Add($"size: {size.Value}");
        if (asked.FileSize is { } fileSize) parts.Add($"file-size: {fileSize.Value}");
        if (asked.EffectiveBits is { } bits) parts.Add($"effective-bits: {bits.Value}");
        if (asked.AccuracyDrop is { } drop) parts.Add($"accuracy-drop: {drop.Value}");
        return new BudgetFacts
        {
            Asked = parts.Count > 0 ? string.Join(", ", parts) : null,
            LatencyMs = resolved.LatencySeconds * 1e3,
            EnergyMj = resolved.EnergyJoules * 1e3,
            SizeBytes = resolved.SizeBits / 8.0,
            FileBytes = resolved.FileBits / 8.0,
            EffectiveBits = asked.EffectiveBits is { Value: var mean } ? mean.Dimension == Dimension.Factor ? 8 * mean.Value : mean.Value : null,
            AccuracyDrop = asked.AccuracyDrop?.Value.Value,
        };
    }
}
