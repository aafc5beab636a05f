using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Layers;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Pipeline.Regions;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>The facts that need no run of the model: what was read, what was decided, what it costs.</summary>
internal static class ReportFacts
{
    public static ReportModel Of(Workspace workspace, SearchOutcome outcome, string modelPath)
    {
        var (manifest, pricing, policy) = (workspace.Manifest, workspace.Pricing, outcome.Policy);
        int batch = pricing.Costs.Batch;
        string file = manifest.Model.FullPath;
        return new ReportModel
        {
            Schema = ReportModel.CurrentSchema,
            Engine = EngineIdentity.Version,
            Model = new ModelFacts
            {
                File = Path.GetFileName(file),
                Sha256 = workspace.ModelDigest,
                Parameters = pricing.FloatSizeBits / 32,
                Macs = workspace.Model.Survey.Macs,
                FloatBytes = pricing.FloatSizeBits / 8,
            },
            Hardware = HardwareOf(workspace, batch),
            Objective = manifest.Objective.ToString().ToLowerInvariant(),
            Metric = manifest.Metric.Kind?.ToString().ToLowerInvariant(),
            Budget = BudgetOf(workspace),
            PolicyDigest = policy.Digest,
            Cost = CostFacts.Of(pricing.Costs.PriceWhole(policy), batch),
            CostAt8Bit = CostFacts.Of(pricing.EightBit, batch),
            Layers = LayerReport.Of(workspace, outcome),
            Measured = RegionReport.Of(outcome),
            Search = SearchReport.Of(workspace, outcome),
            Files =
            [
                new FileFacts { Role = "float model", Name = Path.GetFileName(file), Bytes = new FileInfo(file).Length + workspace.Source.DataFiles().Sum(f => new FileInfo(f).Length), Sha256 = workspace.ModelDigest },
                new FileFacts { Role = "quantized model", Name = Path.GetFileName(modelPath), Bytes = SizeOf(modelPath), Sha256 = FileDigest.Compute(modelPath) },
            ],
            Unquantized = [.. workspace.Model.Survey.Skipped.Select(s => new UnquantizedFacts { Name = s.Name, Op = s.Op, Reason = s.Reason })],
            Warnings = [.. workspace.Warnings.Select(WarningFacts.Of)],
        };
    }

    private static long SizeOf(string modelPath) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(modelPath)!, Path.GetFileName(modelPath) + "*").Sum(f => new FileInfo(f).Length);

    private static HardwareFacts HardwareOf(Workspace workspace, int batch)
    {
        var target = workspace.Target;
        return new HardwareFacts
        {
            Name = target.Name,
            Kind = target.Kind,
            Provenance = target.Provenance,
            Sha256 = target.Digest,
            Batch = batch,
            ClockMhz = target.Parameters.FirstOrDefault(p => p.Key == "clock_mhz") is { } clock ? double.Parse(clock.Value, CultureInfo.InvariantCulture) : null,
            BandwidthGBPerSecond = target.Model.BandwidthBitsPerSecond / 8e9,
            Assumptions = [.. target.Model.Assumptions, .. SharedWeights.Assumptions(workspace.Manifest)],
        };
    }

    private static BudgetFacts BudgetOf(Workspace workspace)
    {
        var (asked, resolved) = (workspace.Manifest.Budget, workspace.Pricing.Budget);
        var parts = new List<string>();
        if (asked.Latency is { } latency) parts.Add($"latency: {latency.Value}");
        if (asked.Energy is { } energy) parts.Add($"energy: {energy.Value}");
        if (asked.Size is { } size) parts.Add($"size: {size.Value}");
        if (asked.EffectiveBits is { } bits) parts.Add($"effective-bits: {bits.Value}");
        if (asked.AccuracyDrop is { } drop) parts.Add($"accuracy-drop: {drop.Value}");
        return new BudgetFacts
        {
            Asked = parts.Count > 0 ? string.Join(", ", parts) : null,
            LatencyMs = resolved.LatencySeconds * 1e3,
            EnergyMj = resolved.EnergyJoules * 1e3,
            SizeBytes = resolved.SizeBits / 8.0,
            EffectiveBits = asked.EffectiveBits is { Value: var mean } ? mean.Dimension == Dimension.Factor ? 8 * mean.Value : mean.Value : null,
            AccuracyDrop = asked.AccuracyDrop?.Value.Value,
        };
    }
}
