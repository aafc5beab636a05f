using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Comparison;

/// <summary>Why a layer changed: what the two reports say about it at equal bits tells its own doing from that of the rest of the network.</summary>
internal sealed class LayerReasons(ReportModel old, ReportModel fresh)
{
    // Sensitivities within a tenth of each other are the same for the solver's purposes.
    private const double SameSensitivity = 0.1;

    public IEnumerable<string> Of(LayerFacts before, LayerFacts now)
    {
        bool bits = before.Chosen.Weights != now.Chosen.Weights || before.Chosen.Activations != now.Chosen.Activations, own = false;
        if (before.Shape != now.Shape)
        {
            own = true;
            yield return $"its shape changed from {before.Shape} to {now.Shape}";
        }
        if (before.Pinned is null != now.Pinned is null)
        {
            own = true;
            yield return now.Pinned is { } reason ? $"it is pinned now: {reason}" : $"it is free now; it was pinned: {before.Pinned}";
        }
        if (before.Placement is { } was && now.Placement is { } placed)
        {
            if (was.Form == placed.Form && was.Region == placed.Region) yield break;
            own = true;
            yield return $"it takes {Figure.Time(placed.MeasuredMs)} of this file's time, and {Figure.Time(placed.FloatMs)} of the float file's";
        }
        else if (before.At8Bit.Cycles != now.At8Bit.Cycles || (before.At8Bit.Cycles == 0 && before.At8Bit.LatencyMs != now.At8Bit.LatencyMs))
        {
            own = true;
            yield return $"it costs {Figure.Time(now.At8Bit.LatencyMs)} at 8 bit where it cost {Figure.Time(before.At8Bit.LatencyMs)}";
        }
        if (Sensitivity(before, now) is { } score)
        {
            own = true;
            yield return score;
        }
        if (before.Chosen.Bound != now.Chosen.Bound) yield return $"it was bound by {before.Chosen.Bound.Label()}, now by {now.Chosen.Bound.Label()}";
        if (bits && !own) yield return Elsewhere(before, now);
    }

    // The widths that both reports scored; the largest disagreement speaks.
    private static string? Sensitivity(LayerFacts before, LayerFacts now)
    {
        var pairs = from a in before.Sensitivity
                    join b in now.Sensitivity on (a.Weights, a.Activations) equals (b.Weights, b.Activations)
                    let largest = Math.Max(a.Damage, b.Damage)
                    where largest > 0 && Math.Abs(a.Damage - b.Damage) > SameSensitivity * largest
                    orderby Math.Abs(a.Damage - b.Damage) descending
                    select (a, b);
        if (pairs.FirstOrDefault() is not ({ } old, { } fresh)) return null;
        string what = old.Weights is { } weights ? $"{weights}-bit weights" : $"{old.Activations}-bit activations";
        return $"{what} hurt {Figure.Short(fresh.Damage)} nats where they hurt {Figure.Short(old.Damage)}";
    }

    private string Elsewhere(LayerFacts before, LayerFacts now)
    {
        bool narrower = now.Chosen.Weights <= before.Chosen.Weights && now.Chosen.Activations <= before.Chosen.Activations;
        bool wider = now.Chosen.Weights >= before.Chosen.Weights && now.Chosen.Activations >= before.Chosen.Activations;
        if (Tighter(old.Budget, fresh.Budget) && narrower) return "it gave up bits for the tighter budget";
        if (Tighter(fresh.Budget, old.Budget) && wider) return "it took bits that the wider budget allows";
        return narrower ? "it gave up bits for other layers; nothing about it changed" : wider
            ? "it took bits that other layers gave up; nothing about it changed" : "it traded weight bits against activation bits; nothing about it changed";
    }

    private static bool Tighter(BudgetFacts from, BudgetFacts to) =>
        to.LatencyMs < from.LatencyMs || to.EnergyMj < from.EnergyMj || to.SizeBytes < from.SizeBytes;
}
