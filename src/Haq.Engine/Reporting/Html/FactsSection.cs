namespace Haq.Engine.Reporting.Html;

/// <summary>The small print: what stays in float, what the simulator assumes, which files took part.</summary>
internal static class FactsSection
{
    public static Markup Unquantized(ReportModel report)
    {
        var html = new MarkupBuilder();
        var table = new Table("Nodes with weights that are not quantized");
        table.Text("Node");
        table.Text("Operator");
        table.Text("Reason");
        table.Open(html);
        foreach (var node in report.Unquantized) table.Row(html, [node.Name, node.Op, node.Reason]);
        table.Close(html);
        return html.ToMarkup();
    }

    public static Markup Hardware(ReportModel report)
    {
        var hardware = report.Hardware;
        var html = new MarkupBuilder();
        html.Add($"<dl class=\"facts\"><div><dt>Kind</dt><dd>{hardware.Kind}</dd></div>");
        if (hardware.ClockMhz is { } clock) html.Add($"<div><dt>Clock</dt><dd>{Figure.Short(clock)} MHz</dd></div>");
        if (hardware.BandwidthGBPerSecond is { } bandwidth) html.Add($"<div><dt>DRAM bandwidth</dt><dd>{Figure.Short(bandwidth)} GB/s</dd></div>");
        html.Add($"<div><dt>Batch</dt><dd>{hardware.Batch}</dd></div>");
        if (hardware.Provenance is { Length: > 0 } source) html.Add($"<div><dt>Where its figures come from</dt><dd>{source}</dd></div>");
        html.Add($"</dl>");
        if (hardware.Assumptions.Length > 0)
        {
            html.Add($"<ul class=\"plain\">");
            foreach (string assumption in hardware.Assumptions) html.Add($"<li>{assumption}</li>");
            html.Add($"</ul>");
        }
        return html.ToMarkup();
    }

    public static Markup Files(ReportModel report)
    {
        var html = new MarkupBuilder();
        if (report.Files.Length > 0)
        {
            var table = new Table("Files read and written");
            table.Text("File");
            table.Text("Role");
            table.Number("Size");
            table.Text("SHA-256");
            table.Open(html);
            foreach (var file in report.Files)
                table.Row(html, [new(file.Name, Style: "name"), new(file.Role), new(Figure.Bytes(file.Bytes)), new(file.Sha256 ?? Figure.Unknown, Style: "digest")], "", null);
            table.Close(html);
        }
        html.Add($"<dl class=\"facts digests\"><div><dt>Float model</dt><dd class=\"digest\">{report.Model.Sha256}</dd></div>");
        if (report.Hardware.Sha256 is { } hardware) html.Add($"<div><dt>Hardware file</dt><dd class=\"digest\">{hardware}</dd></div>");
        html.Add($"<div><dt>Policy</dt><dd class=\"digest\">{report.PolicyDigest}</dd></div></dl>");
        return html.ToMarkup();
    }
}
