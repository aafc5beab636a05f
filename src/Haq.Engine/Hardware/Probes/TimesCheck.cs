using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Hardware.Probes;

/// <summary>Holds measured times against the bundle that they were measured from.</summary>
internal static class TimesCheck
{
    private const int MostNamed = 6;

    // Neighbours that are further apart than this, beyond what their work explains, were hardly measured in one unit.
    private const double UnitJump = 100;

    // Quartiles that lie this far apart, of the time itself: once, or in many probes.
    private const double WildSpread = 0.5, WideSpread = 0.2, WideShare = 0.1;

    /// <summary>The times by probe.</summary>
    /// <exception cref="HaqException">Probes of the bundle are missing (HAQ0232), or there are times of others (HAQ0234).</exception>
    public static Dictionary<string, ProbeTime> Complete(ProbeBundle bundle, TimesFile times, string file)
    {
        var known = bundle.Probes.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        string[] foreign = [.. times.Times.Select(t => t.Probe).Where(p => !known.Contains(p))];
        if (foreign.Length > 0)
        {
            throw DiagnosticCatalog.ForeignTimes.Error(file, $"{Count(foreign.Length, "time")} of probes that are not in the bundle of {bundle.Model}: {List(foreign)}. "
                + "They were measured from the bundle of another model or other widths: give the times of this one, or leave those lines out.");
        }
        var byName = times.Times.ToDictionary(t => t.Probe, StringComparer.Ordinal);
        string[] missing = [.. bundle.Probes.Select(p => p.Name).Where(p => !byName.ContainsKey(p))];
        if (missing.Length > 0)
        {
            throw DiagnosticCatalog.ProbesMissing.Error(file, $"{missing.Length} of {bundle.Probes.Length} probes have no time: {List(missing)}. "
                + "Measure them too: the runners and 'haq measure --run' go on where they were and leave out what has a time.");
        }
        return byName;
    }

    /// <summary>What looks wrong about complete times.</summary>
    public static IEnumerable<Diagnostic> Doubts(ProbeBundle bundle, IReadOnlyDictionary<string, ProbeTime> times, string file)
    {
        if (MixedUnits(bundle, times) is { Length: > 0 } mixed)
        {
            yield return DiagnosticCatalog.UnitsDoubtful.At(new SourceLocation(file), $"{Count(mixed.Length, "time")} a hundred times or more as long or short as those of their neighbours: "
                + $"{List([.. mixed.Select(p => $"{p} ({Seconds(times[p].Seconds)})")])}. Seconds are expected everywhere: look for milliseconds or microseconds among them, and import again.");
        }
        var wide = times.Values.Where(t => t.Spread is { } spread && spread > WideSpread * t.Seconds).OrderByDescending(t => t.Spread / t.Seconds).ToArray();
        int spreads = times.Values.Count(t => t.Spread is not null);
        if (wide.Length > 0 && (wide.Length > WideShare * spreads || wide[0].Spread > WildSpread * wide[0].Seconds))
        {
            yield return DiagnosticCatalog.DeviceUnsteady.At(new SourceLocation(file), $"{wide.Length} of {spreads} probes took very different times from run to run: "
                + $"{List([.. wide.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Probe} (quartiles {t.Spread / t.Seconds:P0} apart)"))])}. The device was busy, or slowed down because it was hot: "
                + "cool it, fix its clock, end what else runs there, and measure again.");
        }
    }

    private static string[] MixedUnits(ProbeBundle bundle, IReadOnlyDictionary<string, ProbeTime> times)
    {
        var suspects = new SortedSet<string>(StringComparer.Ordinal);
        // The same layer at several widths: what stands alone at one end.
        foreach (var layer in bundle.Layers)
        {
            foreach (var probes in new[] { layer.Alone, layer.Group }) Outliers([.. probes.Values.Distinct().Select(p => (p, times[p].Seconds))], suspects);
        }

        // Layers of about the same work at one pair of widths, and changes of width of about as many numbers.
        var work = bundle.Probes.ToDictionary(p => p.Name, p => p.Work, StringComparer.Ordinal);
        foreach (string pair in bundle.Widths) Apart(bundle.Layers.Select(l => l.Alone[pair]));
        Apart(bundle.Converts.Select(c => c.Probe));

        void Apart(IEnumerable<string> probes)
        {
            var row = probes.Distinct().OrderBy(p => work[p]).ToArray();
            for (int i = 0; i < row.Length && row.Length > 1; i++)
            {
                string[] beside = [.. new[] { i - 1, i + 1 }.Where(j => j >= 0 && j < row.Length).Select(j => row[j])];
                if (beside.All(other => Factor(times[row[i]].Seconds, times[other].Seconds) > UnitJump * Factor(work[row[i]], work[other]))) suspects.Add(row[i]);
            }
        }

        // Whole networks against what their layers add up to.
        foreach (var policy in bundle.Policies)
        {
            double sum = policy.Bits.Select((pair, i) => times[bundle.Layers[i].ProbeAt(pair)].Seconds).Sum();
            if (Factor(sum, times[policy.Probe].Seconds) > UnitJump) suspects.Add(policy.Probe);
        }
        return [.. suspects];
    }

    private static void Outliers((string Probe, double Seconds)[] row, SortedSet<string> suspects)
    {
        if (row.Length < 2) return;
        Array.Sort(row, (a, b) => a.Seconds.CompareTo(b.Seconds));
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i].Seconds / row[i - 1].Seconds <= UnitJump) continue;
            // The smaller group is the odd one; of two of a size, both are named.
            if (i <= row.Length - i) suspects.UnionWith(row[..i].Select(r => r.Probe));
            if (row.Length - i <= i) suspects.UnionWith(row[i..].Select(r => r.Probe));
        }
    }

    private static double Factor(double a, double b) => a > 0 && b > 0 ? Math.Max(a / b, b / a) : 1;

    private static string Count(int count, string what) => count == 1 ? $"1 {what} is" : $"{count} {what}s are";

    private static string List(string[] names) => string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? ", …" : "");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###e0} s");
}
