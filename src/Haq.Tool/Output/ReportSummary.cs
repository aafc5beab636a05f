using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Spectre.Console;

namespace Haq.Tool.Output;

/// <summary>A report at the prompt.</summary>
internal static class ReportSummary
{
    public static void Print(ReportModel report, string file)
    {
        Console.WriteLine($"{report.Model.File} for {report.Hardware.Name}");
        Console.WriteLine(Headline.Of(report));
        Figures(report).Print();
        if (report.ActivationShares.Length > 1) Console.WriteLine($"activations: {string.Join(", ", report.ActivationShares.Select(s => $"{Figure.Share(s.Share)} {(s.Bits == Bitwidth.Max ? WidthText.Float : $"at {s.Bits} bit")}"))}");
        if (report.Note is { } caution) Console.WriteLine(caution);
        Layers(report).Print();
        foreach (var note in report.Unquantized.GroupBy(u => u.Reason)) Console.WriteLine($"left in float: {note.Count()} ({note.Key}), e.g. '{note.First().Name}'");
        foreach (var warning in report.Warnings) Console.WriteLine($"warning {warning.Code}: {warning.Message}");
        Console.WriteLine($"from {file}");
    }

    private static Table Figures(ReportModel report)
    {
        var table = Tables.New("", "this build", "8 bit", "float").AlignRight(1, 3);
        var (cost, eight) = (report.Cost, report.CostAt8Bit);
        table.AddText("latency", Figure.Time(cost.LatencyMs) + LatencyError.Behind(report), Figure.Time(eight.LatencyMs), "");
        if (report.Device is { } device) table.AddText("  on the device", $"{Figure.Time(device.MeasuredMs)}, predicted {Figure.Time(device.PredictedMs)}", "", "");
        if (report.Hardware.Batch > 1) table.AddText("  per image", Figure.Time(cost.LatencyMsPerImage), Figure.Time(eight.LatencyMsPerImage), "");
        if (cost.EnergyMj is not null) table.AddText("energy", Figure.Energy(cost.EnergyMj), Figure.Energy(eight.EnergyMj), "");
        table.AddText("file", Figure.Bytes(report.FileBytes), "", Figure.Bytes(report.FloatFileBytes));
        table.AddText("parameters", Figure.Bytes(cost.SizeBytes), Figure.Bytes(eight.SizeBytes), Figure.Bytes(report.Model.FloatBytes));
        var at8 = report.Baselines.FirstOrDefault(b => b is { Bits: 8, Activations: null })?.Quantized;
        Accuracy(table, "top-1", report, at8, a => a?.Top1);
        Accuracy(table, "top-5", report, at8, a => a?.Top5);
        Accuracy(table, "agreement", report, at8, a => a?.Agreement);
        if (report.Delivered is not { Cosine: not null } own || (own.Agreement is not null && report.Metric is not ("cosine" or "sqnr"))) return table;
        table.AddText("cosine", Figure.Cosine(own.Cosine), Figure.Cosine(at8?.Cosine), "");
        table.AddText("signal to noise", Figure.Decibels(own.SqnrDb), Figure.Decibels(at8?.SqnrDb), "");
        return table;
    }

    private static void Accuracy(Table table, string name, ReportModel report, AccuracyFacts? at8, Func<AccuracyFacts?, double?> figure)
    {
        if (figure(report.Delivered) is { } own) table.AddText(name, Figure.Percent(own), Figure.Percent(figure(at8)), Figure.Percent(figure(report.Float)));
    }

    private static Table Layers(ReportModel report)
    {
        bool damage = report.Layers.Any(l => l.Damage is not null);
        var table = damage ? Tables.New("#", "layer", "w", "a", "latency", "8 bit", "bound", "damage") : Tables.New("#", "layer", "w", "a", "latency", "8 bit", "bound");
        table.AlignRight(0, 0).AlignRight(2, 5);
        if (damage) table.AlignRight(7, 7);
        foreach (var l in report.Layers)
        {
            string[] cells =
            [
                l.Index.ToString(Tables.Culture), l.Name + (l.Pinned is null ? "" : " (pinned)"), l.IsTensor ? ""
                    : WidthText.Of(new Bitwidth(l.Chosen.Weights)), WidthText.Of(new Bitwidth(l.Chosen.Activations)),
                Figure.Time(l.Chosen.LatencyMs), Figure.Time(l.At8Bit.LatencyMs), l.Chosen.Bound.Label(),
            ];
            table.AddText(damage ? [.. cells, Figure.Short(l.Damage)] : cells);
        }
        return table;
    }
}
