using System.Buffers;
using Haq.Engine.Hardware;

namespace Haq.Tool.Output;

/// <summary>Simulated layers as CSV (RFC 4180 quoting). Figures that a target does not model are empty.</summary>
internal sealed class SimulationCsv(TextWriter to)
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(",\"\r\n");

    public void WriteHeader() => to.Write("layer,name,op,weight_bits,activation_bits,cycles,latency_ms,energy_mj,dram_bits,bound\n");

    public void Write(SimulatedLayer row)
    {
        var cost = row.Cost;
        string cycles = cost.Cycles > 0 ? cost.Cycles.ToString(Tables.Culture) : "";
        string energy = cost.Energy is { } e ? (e.Total * 1e-9).ToString(Tables.Culture) : "";
        string dram = cost.Bound == Bound.Unknown ? "" : cost.Dram.Total.ToString(Tables.Culture);
        to.Write(string.Create(
            Tables.Culture,
            $"{row.Layer.Index},{Quoted(row.Layer.Name)},{row.Layer.Shape.Op},{row.Bits.Weights},{row.Bits.Activations},{cycles},{cost.Seconds * 1e3},{energy},{dram},{cost.Bound.Label()}\n"));
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(s_special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
