using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Comparison;

namespace Haq.Tool.Output;

/// <summary>A comparison of two reports at the prompt.</summary>
internal static class DiffTable
{
    public static void Print(ReportDiff diff)
    {
        if (diff.IsEmpty)
        {
            Console.WriteLine("The reports say the same.");
            return;
        }
        foreach (string cause in diff.Causes) Console.WriteLine(cause);
        var totals = Tables.New("", "old", "new").AlignRight(1, 2);
        Row(totals, "latency", diff.LatencyMs, Figure.Time);
        Row(totals, "energy", diff.EnergyMj, Figure.Energy);
        Row(totals, "parameters", diff.SizeBytes, Figure.Bytes);
        Row(totals, "top-1", diff.Top1, Figure.Percent);
        Row(totals, "agreement", diff.Agreement, Figure.Percent);
        Row(totals, "damage in nats", diff.Loss, Figure.Short);
        totals.Print();
        Layers(diff);
    }

    private static void Layers(ReportDiff diff)
    {
        var changed = diff.Layers.Where(l => l.Fate != LayerFate.Same).ToList();
        if (changed.Count > 0)
        {
            bool placed = changed.Exists(l => l.Form.Old is not null || l.Form.New is not null);
            var table = Tables.New("layer", placed ? "computed in" : "bits", "latency", "damage", "why").AlignRight(2, 3);
            foreach (var layer in changed)
            {
                table.AddText(
                    layer.Name, placed ? Arrow(layer.Form.Old, layer.Form.New) : Arrow(layer.Bits.Old, layer.Bits.New),
                    Arrow(Text(layer.LatencyMs.Old, Figure.Time), Text(layer.LatencyMs.New, Figure.Time)),
                    Arrow(Text(layer.Damage.Old, Figure.Short), Text(layer.Damage.New, Figure.Short)), Why(layer));
            }

            table.Print();
        }
        int same = diff.Layers.Length - changed.Count;
        if (same > 0) Console.WriteLine($"{same} {(same == 1 ? "layer is" : "layers are")} unchanged.");
    }

    private static string Why(LayerChange layer) => layer.Fate switch
    {
        LayerFate.Added => "new layer",
        LayerFate.Removed => "gone",
        _ => string.Join("; ", layer.Reasons),
    };

    private static void Row(Spectre.Console.Table table, string name, Change<double?> change, Func<double?, string> format)
    {
        if (change.Old is not null || change.New is not null) table.AddText(name, format(change.Old), format(change.New));
    }

    private static string? Text(double? value, Func<double?, string> format) => value is null ? null : format(value);

    private static string Arrow(string? old, string? fresh) => old == fresh ? old ?? "" : $"{old ?? Figure.Unknown} → {fresh ?? Figure.Unknown}";
}
