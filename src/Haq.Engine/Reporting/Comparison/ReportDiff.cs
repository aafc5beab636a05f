using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Comparison;

/// <summary>Two reports of one model side by side: what changed, layer by layer, and why. Immutable; old comes first everywhere.</summary>
public sealed record ReportDiff
{
    /// <summary>The version of the JSON form.</summary>
    public int Schema => 1;

    /// <summary>The file names of the models.</summary>
    public required Change<string> Model { get; init; }

    /// <summary>The targets' names.</summary>
    public required Change<string> Hardware { get; init; }

    /// <summary>Inputs that differ, one sentence each: what the changes below follow from.</summary>
    public required ImmutableArray<string> Causes { get; init; }

    /// <summary>All layers, for the batch; of a run of the file where the target is measured.</summary>
    public required Change<double?> LatencyMs { get; init; }

    /// <summary>For the batch; null without an energy model.</summary>
    public required Change<double?> EnergyMj { get; init; }

    /// <summary>Stored parameters.</summary>
    public required Change<double?> SizeBytes { get; init; }

    /// <summary>Of the exported model, in percent.</summary>
    public required Change<double?> Top1 { get; init; }

    /// <summary>With the float model, in percent.</summary>
    public required Change<double?> Agreement { get; init; }

    /// <summary>Measured damage, in nats.</summary>
    public required Change<double?> Loss { get; init; }

    /// <summary>In the new report's order; removed layers where they stood in the old one's.</summary>
    public required ImmutableArray<LayerChange> Layers { get; init; }

    /// <summary>Neither policy, nor cost, nor accuracy, nor an input differs.</summary>
    public bool IsEmpty => Causes.IsEmpty && Layers.All(l => l.Fate == LayerFate.Same)
        && !(LatencyMs.IsChange || EnergyMj.IsChange || SizeBytes.IsChange || Top1.IsChange || Agreement.IsChange || Loss.IsChange);

    /// <summary>Compares two reports.</summary>
    public static ReportDiff Between(ReportModel old, ReportModel fresh)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(fresh);
        return new ReportDiff
        {
            Model = new(old.Model.File, fresh.Model.File),
            Hardware = new(old.Hardware.Name, fresh.Hardware.Name),
            Causes = [.. DiffCauses.Of(old, fresh)],
            // A time that was measured stands beside one that was, never beside a model's.
            LatencyMs = old.Measured is { } before && fresh.Measured is { } now ? new(before.QuantizedMs, now.QuantizedMs) : new(old.Cost.LatencyMs, fresh.Cost.LatencyMs),
            EnergyMj = new(old.Cost.EnergyMj, fresh.Cost.EnergyMj),
            SizeBytes = new(old.Cost.SizeBytes, fresh.Cost.SizeBytes),
            Top1 = new(old.Delivered?.Top1, fresh.Delivered?.Top1),
            Agreement = new(old.Delivered?.Agreement, fresh.Delivered?.Agreement),
            Loss = new(old.Delivered?.Loss, fresh.Delivered?.Loss),
            Layers = Match(old, fresh),
        };
    }

    private static ImmutableArray<LayerChange> Match(ReportModel old, ReportModel fresh)
    {
        var before = old.Layers.ToDictionary(l => l.Name, StringComparer.Ordinal);
        var now = fresh.Layers.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var reasons = new LayerReasons(old, fresh);
        var changes = ImmutableArray.CreateBuilder<LayerChange>();
        int passed = 0;
        foreach (var layer in fresh.Layers)
        {
            before.TryGetValue(layer.Name, out var earlier);
            // Layers that are gone stand before the first survivor that followed them.
            for (; earlier is not null && passed <= earlier.Index; passed++)
                if (!now.Contains(old.Layers[passed].Name)) changes.Add(Compare(old.Layers[passed], null, reasons));
            changes.Add(Compare(earlier, layer, reasons));
        }
        for (; passed < old.Layers.Length; passed++)
            if (!now.Contains(old.Layers[passed].Name)) changes.Add(Compare(old.Layers[passed], null, reasons));
        return changes.ToImmutable();
    }

    private static double? Latency(LayerFacts? layer) => layer?.Placement?.MeasuredMs ?? layer?.Chosen.LatencyMs;

    private static LayerChange Compare(LayerFacts? old, LayerFacts? fresh, LayerReasons reasons)
    {
        // A report of before knows no places of layers: that it says nothing is no change.
        bool isPlaced = (old is null || old.Placement is not null) && (fresh is null || fresh.Placement is not null);
        var change = new LayerChange
        {
            Name = (fresh ?? old)!.Name,
            Fate = old is null ? LayerFate.Added : fresh is null ? LayerFate.Removed : LayerFate.Same,
            Bits = new(BitsOf(old), BitsOf(fresh)),
            Form = isPlaced ? new(FormOf(old), FormOf(fresh)) : new(null, null),
            Cycles = new(old?.Chosen.Cycles, fresh?.Chosen.Cycles),
            LatencyMs = new(isPlaced ? Latency(old) : old?.Chosen.LatencyMs, isPlaced ? Latency(fresh) : fresh?.Chosen.LatencyMs),
            Bound = new(old?.Chosen.Bound, fresh?.Chosen.Bound),
            Damage = new(old?.Damage, fresh?.Damage),
            SqnrDb = new(old?.SqnrDb, fresh?.SqnrDb),
        };
        if (old is null || fresh is null) return change;
        // A time that was measured twice is never the same.
        bool timed = old.Placement is not null && fresh.Placement is not null;
        bool changed = change.Bits.IsChange || change.Form.IsChange || change.Damage.IsChange || change.SqnrDb.IsChange
            || (!timed && (change.Cycles.IsChange || change.LatencyMs.IsChange || change.Bound.IsChange));
        return changed ? change with { Fate = LayerFate.Changed, Reasons = [.. reasons.Of(old, fresh)] } : change;
    }

    private static string? FormOf(LayerFacts? layer) =>
        layer?.Placement is { } placed ? placed.Region is { } region ? string.Create(CultureInfo.InvariantCulture, $"{placed.Form}, region {region}") : placed.Form : null;

    private static string? BitsOf(LayerFacts? layer) => layer is null ? null : layer.IsTensor ? $"a{layer.Chosen.Activations}" : $"w{layer.Chosen.Weights}a{layer.Chosen.Activations}";
}
