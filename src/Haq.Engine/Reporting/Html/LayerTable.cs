using Haq.Engine.Hardware;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Html;

/// <summary>Every layer with every figure; columns that no layer has are left out.</summary>
internal static class LayerTable
{
    private sealed record Column(string Title, string? Hint, bool IsNumber, Func<LayerFacts, Table.Cell> Cell);

    public static Markup Write(ReportModel report)
    {
        var columns = Columns(report).ToList();
        var table = new Table("Layers in execution order", sortable: true);
        foreach (var column in columns)
        {
            if (column.IsNumber) table.Number(column.Title, column.Hint);
            else table.Text(column.Title, column.Hint);
        }
        var html = new MarkupBuilder();
        table.Open(html);
        foreach (var layer in report.Layers) table.Row(html, [.. columns.Select(c => c.Cell(layer))], "", $"layer-{layer.Index}");
        table.Close(html);
        return html.ToMarkup();
    }

    private static IEnumerable<Column> Columns(ReportModel report)
    {
        var layers = report.Layers;
        double longest = layers.Max(l => Math.Max(l.Chosen.LatencyMs, l.At8Bit.LatencyMs));
        yield return new Column("#", null, true, l => new($"{l.Index}", l.Index));
        yield return new Column("Layer", null, false, l => new(l.Name, Content: Markup.Of($"<bdi>{l.Name}</bdi><small>{LayerDetail.Shape(l)}</small>"), Style: "name"));
        yield return Number("W", "bits of the weights", l => l.IsTensor ? null : l.Chosen.Weights, l => l.IsTensor ? Figure.Unknown : Figure.Width(l.Chosen.Weights));
        yield return Number("A", "bits of the activations that the layer reads", l => l.Chosen.Activations, l => Figure.Width(l.Chosen.Activations));
        if (layers.Any(l => l.Placement is not null))
        {
            foreach (var column in Placed(layers)) yield return column;
        }
        else
        {
            yield return new Column("Latency", "at the chosen bits; the light part of the bar is what 8 bit would take", true, l => Latency(l, longest));
            yield return Number("At 8 bit", null, l => l.At8Bit.LatencyMs, l => Figure.Time(l.At8Bit.LatencyMs));
        }
        if (layers.Any(l => l.Chosen.Energy is not null))
            yield return Number("Energy", "MAC, buffers, DRAM and leakage together", l => l.Chosen.Energy?.TotalMj, l => Figure.Energy(l.Chosen.Energy?.TotalMj));
        // A measured target has neither.
        if (report.Measured is null)
        {
            yield return new Column("Bound", "what holds the layer up", false, l => new(l.Chosen.Bound.Label(), Content: Markup.Of(
                $"<span class=\"bound\"><svg width=\"12\" height=\"12\" viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><g class=\"point {BoundStyle.Class(l.Chosen.Bound)}\">{BoundStyle.Shape(l.Chosen.Bound)}</g></svg>{l.Chosen.Bound.Label()}</span>")));
            yield return Number("DRAM", "weights, input and output together", l => l.Chosen.Dram.TotalBits, l => Figure.Bytes(l.Chosen.Dram.TotalBits / 8.0));
        }
        if (layers.Any(l => l.Chosen.Utilization > 0))
            yield return Number("Used", "share of the peak rate at these bits", l => l.Chosen.Utilization, l => Figure.Share(l.Chosen.Utilization));
        if (layers.Any(l => l.Damage is not null)) yield return Number("Damage", "predicted, in the sensitivities' unit", l => l.Damage, l => Figure.Short(l.Damage));
        if (layers.Any(l => l.SqnrDb is not null)) yield return Number("SQNR", "decibels, with only this layer quantized", l => l.SqnrDb, l => Figure.Short(l.SqnrDb));
        if (layers.Any(l => l.PathSqnrDb is not null)) yield return Number("SQNR in place", "decibels, in the quantized network", l => l.PathSqnrDb, l => Figure.Short(l.PathSqnrDb));
        if (layers.Any(l => l.GivenBack is not null))
        {
            yield return Number("Gives back",
            "loss that goes when this layer alone is float again, in nats; with ≈ estimated from its own noise", l => l.GivenBack, l => Figure.Estimate(l.GivenBack, l.DamageEstimated));
        }

        if (layers.Any(l => l.AccumulatorBits is not null)) yield return Number("Accumulator", "bits that no sum of products overflows", l => l.AccumulatorBits, l => $"{l.AccumulatorBits}");
        if (layers.Any(l => l.Saturation is not null)) yield return Number("Clipped", "share of inputs outside of the range", l => l.Saturation, l => Figure.Share(l.Saturation));
        if (layers.Any(l => l.OutlierRatio is not null)) yield return Number("Outliers", "largest input over the one that 99.9 % keep to", l => l.OutlierRatio, l => Figure.Short(l.OutlierRatio));
        if (layers.Any(l => l.Why is not null || l.Pinned is not null)) yield return new Column("Why", null, false, l => new(Why(l), Style: "why"));
    }

    // Times inside of the network, which decided; those of layers alone did not.
    private static IEnumerable<Column> Placed(IEnumerable<LayerFacts> layers)
    {
        yield return new Column("Computed in", null, false, l => new(l.Placement?.Form ?? Figure.Unknown));
        yield return Number("Region", "of integers, numbered in execution order; between regions tensors are quantized and dequantized", l => l.Placement?.Region, l =>
            l.Placement?.Region is { } region ? $"{region}" : "");
        if (layers.Any(l => l.Placement?.PredictedMs is not null))
            yield return Number("Predicted", "what the files before said of it", l => l.Placement?.PredictedMs, l => l.Placement?.PredictedMs is { } ms ? Figure.Time(ms) : "");
        yield return Number("Measured", "in this file, by ONNX Runtime's profiler", l => l.Placement?.MeasuredMs, l => Figure.Time(l.Placement?.MeasuredMs));
        yield return Number("In float", "in the float file", l => l.Placement?.FloatMs, l => Figure.Time(l.Placement?.FloatMs));
    }

    private static Column Number(string title, string? hint, Func<LayerFacts, double?> order, Func<LayerFacts, string> text) =>
        new(title, hint, true, l => new(text(l), order(l) ?? double.NegativeInfinity));

    private static Table.Cell Latency(LayerFacts layer, double longest)
    {
        string text = Figure.Time(layer.Chosen.LatencyMs);
        if (!(longest > 0)) return new(text, layer.Chosen.LatencyMs);
        string now = PlotFrame.Coordinate(layer.Chosen.LatencyMs / longest * 100), before = PlotFrame.Coordinate(layer.At8Bit.LatencyMs / longest * 100);
        return new(text, layer.Chosen.LatencyMs, Markup.Of($"{text}<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:{before}%\"></i><b style=\"width:{now}%\"></b></span>"));
    }

    private static string Why(LayerFacts layer) => (layer.Pinned, layer.Why) switch
    {
        ({ } pinned, { } why) => $"Pinned: {pinned}. {why}",
        ({ } pinned, null) => $"Pinned: {pinned}.",
        (null, { } why) => why,
        _ => "",
    };
}
