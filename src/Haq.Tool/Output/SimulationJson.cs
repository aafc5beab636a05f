using System.Text.Json;
using Haq.Engine.Hardware;

namespace Haq.Tool.Output;

/// <summary>Simulated policies as one JSON document; figures that a target does not model are absent.</summary>
internal static class SimulationJson
{
    private const int Version = 1;

    public static void Write(Utf8JsonWriter json, string model, Simulation simulation, IEnumerable<SimulatedPolicy> runs)
    {
        var target = simulation.Target;
        int batch = simulation.Costs.Batch;
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("model", model);
        json.WriteStartObject("hardware");
        json.WriteString("name", target.Name);
        json.WriteString("kind", target.Kind);
        json.WriteString("provenance", target.Provenance);
        json.WriteStartArray("assumptions");
        foreach (string assumption in target.Assumptions) json.WriteStringValue(assumption);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("batch", batch);
        json.WriteStartArray("policies");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("policy", run.Label);
            json.WriteString("digest", run.Policy.Digest);
            if (target.RoundingNote(run.Policy) is { } note) json.WriteString("rounding", note);
            WriteTotals(json, run.Total, batch);
            json.WriteStartArray("layers");
            foreach (var layer in run.Layers) WriteLayer(json, layer);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTotals(Utf8JsonWriter json, in NetworkCost total, int batch)
    {
        json.WriteStartObject("allLayers");
        if (total.Cycles > 0) json.WriteNumber("cycles", total.Cycles);
        json.WriteNumber("latencyMs", total.LatencySeconds * 1e3);
        json.WriteNumber("latencyMsPerImage", total.LatencySeconds * 1e3 / batch);
        if (total.EnergyJoules is { } joules) json.WriteNumber("energyMj", joules * 1e3);
        json.WriteNumber("sizeBits", total.SizeBits);
        json.WriteEndObject();
        json.WriteStartObject("withoutFirstAndLast");
        if (total.Cycles > 0) json.WriteNumber("cycles", total.InnerCycles);
        json.WriteNumber("latencyMs", total.InnerLatencySeconds * 1e3);
        json.WriteNumber("latencyMsPerImage", total.InnerLatencySeconds * 1e3 / batch);
        json.WriteEndObject();
    }

    private static void WriteLayer(Utf8JsonWriter json, SimulatedLayer row)
    {
        var cost = row.Cost;
        json.WriteStartObject();
        json.WriteNumber("layer", row.Layer.Index);
        json.WriteString("name", row.Layer.Name);
        json.WriteString("op", row.Layer.Shape.Op.ToString());
        json.WriteString("shape", row.Layer.Shape.ToString());
        json.WriteNumber("weightBits", row.Bits.Weights.Bits);
        json.WriteNumber("activationBits", row.Bits.Activations.Bits);
        json.WriteNumber("macs", row.Layer.Shape.Macs);
        json.WriteNumber("weights", row.Layer.Shape.Weights);
        if (cost.Cycles > 0) json.WriteNumber("cycles", cost.Cycles);
        json.WriteNumber("latencyMs", cost.Seconds * 1e3);
        if (cost.Energy is { } energy)
        {
            json.WriteStartObject("energyMj");
            json.WriteNumber("total", energy.Total * 1e-9);
            json.WriteNumber("mac", energy.Mac * 1e-9);
            json.WriteNumber("sram", energy.Sram * 1e-9);
            json.WriteNumber("dram", energy.Dram * 1e-9);
            json.WriteNumber("leakage", energy.Leakage * 1e-9);
            json.WriteEndObject();
        }
        if (cost.Bound != Bound.Unknown)
        {
            json.WriteStartObject("dramBits");
            json.WriteNumber("total", cost.Dram.Total);
            json.WriteNumber("weights", cost.Dram.Weights);
            json.WriteNumber("input", cost.Dram.Input);
            json.WriteNumber("output", cost.Dram.Output);
            json.WriteEndObject();
            json.WriteStartObject("termCycles");
            json.WriteNumber("compute", cost.Terms.Compute);
            json.WriteNumber("weightFetch", cost.Terms.WeightFetch);
            json.WriteNumber("activationFetch", cost.Terms.ActivationFetch);
            json.WriteNumber("outputWrite", cost.Terms.OutputWrite);
            json.WriteEndObject();
            json.WriteNumber("utilization", cost.Utilization);
        }
        if (row.Roofline is { } roof)
        {
            json.WriteStartObject("roofline");
            if (double.IsFinite(roof.MacsPerByte)) json.WriteNumber("macsPerByte", roof.MacsPerByte);
            json.WriteNumber("peakGmacs", roof.PeakMacsPerSecond * 1e-9);
            json.WriteNumber("attainableGmacs", roof.AttainableMacsPerSecond * 1e-9);
            json.WriteNumber("achievedGmacs", roof.AchievedMacsPerSecond * 1e-9);
            json.WriteEndObject();
        }
        json.WriteString("bound", cost.Bound.Label());
        json.WriteEndObject();
    }
}
