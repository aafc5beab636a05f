using System.Text.Json;
using Haq.Engine.Hardware;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Comparison;
using Haq.Engine.Tests.Architecture;

namespace Haq.Engine.Tests.Reporting;

/// <summary>What a layer is bound by has one name in every form.</summary>
public sealed class BoundNamesTests
{
    [Theory]
    [InlineData(Bound.Compute)]
    [InlineData(Bound.WeightFetch)]
    [InlineData(Bound.ActivationFetch)]
    [InlineData(Bound.OutputWrite)]
    [InlineData(Bound.Unknown)]
    public void Page_json_and_comparison_use_the_label(Bound bound)
    {
        var plain = SampleReports.Of(1);
        var report = plain with { Layers = [plain.Layers[0] with { Chosen = plain.Layers[0].Chosen with { Bound = bound } }] };
        using var json = JsonDocument.Parse(JsonReport.Write(report));
        Assert.Equal(bound.Label(), json.RootElement.GetProperty("layers")[0].GetProperty("chosen").GetProperty("bound").GetString());

        string page = HtmlReport.Write(report);
        Assert.Contains($"</svg>{bound.Label()}</span>", page, StringComparison.Ordinal);
        foreach (var other in Enum.GetValues<Bound>().Where(b => b != bound && b != Bound.Unknown && b != Bound.Compute))
            Assert.DoesNotContain(other.Label(), page, StringComparison.Ordinal);

        var elsewhere = report with { Layers = [report.Layers[0] with { Chosen = report.Layers[0].Chosen with { Bound = bound == Bound.Compute ? Bound.OutputWrite : Bound.Compute } }] };
        string reasons = string.Join('\n', ReportDiff.Between(elsewhere, report).Layers.SelectMany(l => l.Reasons));
        Assert.Contains($"now by {bound.Label()}", reasons, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_name_every_bound()
    {
        string documents = string.Concat(((string[])["hardware.md", "report.md"]).Select(f => File.ReadAllText(Path.Combine(Repository.Root, "docs", f))));
        Assert.All(Enum.GetValues<Bound>(), b => Assert.Contains($"`{b.Label()}`", documents, StringComparison.Ordinal));
    }
}
