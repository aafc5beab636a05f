using Haq.Engine.Hardware;
using Haq.Engine.Numerics.Units;

namespace Haq.Tool.Output;

/// <summary>Simulated policies as tables for people.</summary>
internal static class SimulationTable
{
    /// <summary>Every layer, with its place under the roofline.</summary>
    public static void PrintLayers(SimulatedPolicy run, int batch)
    {
        bool energy = run.Total.EnergyJoules is not null;
        string[] headings =
            ["#", "layer", "shape", "bits", "cycles", "ms", "share", .. energy ? ["mJ"] : Array.Empty<string>(), "DRAM kB", "MAC/B", "GMAC/s", "of roof", "bound"];
        var table = Tables.New(headings).AlignRight(4, headings.Length - 2);
        foreach (var row in run.Layers)
        {
            var cost = row.Cost;
            bool isMeasured = cost.Bound == Bound.Unknown;
            string[] cells =
            [
                Text(row.Layer.Index), row.Layer.Name, row.Layer.Shape.ToString(), row.Bits.ToString(),
                cost.Cycles > 0 ? Text(cost.Cycles) : "", Text(cost.Seconds * 1e3, "F4"), Text(cost.Seconds / run.Total.LatencySeconds, "P1"),
                .. energy ? [Text(cost.Energy!.Value.Total * 1e-9, "G4")] : Array.Empty<string>(),
                isMeasured ? "" : Text(cost.Dram.Total / 8e3, "F1"),
                row.Roofline is { } r ? Text(r.MacsPerByte, "G4") : "",
                Text(row.Layer.Shape.Macs * (double)batch / cost.Seconds * 1e-9, "G4"),
                row.Roofline is { } roof ? Text(roof.AchievedMacsPerSecond / roof.AttainableMacsPerSecond, "P0") : "",
                cost.Bound.Label(),
            ];
            table.AddText(cells);
        }
        table.Print();
    }

    /// <summary>One row a policy: all layers, without the first and the last, and per image.</summary>
    public static void PrintTotals(IEnumerable<SimulatedPolicy> runs, int batch)
    {
        var table = Tables.New("policy", "cycles", "latency", "without first and last", "per image", "energy", "weights").AlignRight(1, 6);
        foreach (var run in runs)
        {
            var total = run.Total;
            table.AddText(
                run.Label, total.Cycles > 0 ? Text(total.Cycles) : "", Milliseconds(total.LatencySeconds), Milliseconds(total.InnerLatencySeconds),
                Milliseconds(total.LatencySeconds / batch), total.EnergyJoules is { } joules ? new Quantity(joules, Dimension.Energy).ToString() : "not modelled",
                new Quantity(total.SizeBits / 8.0, Dimension.Size).ToString());
        }
        table.Print();
    }

    private static string Milliseconds(double seconds) => $"{Text(seconds * 1e3, seconds < 1e-3 ? "F4" : "F2")} ms";

    private static string Text(double value, string format) => value.ToString(format, Tables.Culture);

    private static string Text(long value) => value.ToString(Tables.Culture);
}
