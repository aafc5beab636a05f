using System.Globalization;
using Haq.Benchmarks.Reproduction;
using Haq.Benchmarks.Reproduction.Figures;

namespace Haq.Engine.Tests.Reproduction;

/// <summary>The paper's figures beside ours are those of its tables, and give the ratios that it claims.</summary>
public class PaperFiguresTests
{
    [Fact]
    public void Latencies_are_those_of_table_3()
    {
        string[][] rows = Rows("oracles/haq_paper_latency_bismo.csv");
        foreach (var (target, figures) in PaperFigures.Latencies)
        {
            string network = figures.Title == "MobileNetV1" ? "mobilenet_v1" : "mobilenet_v2";
            string[][] own = [.. rows.Where(r => "bismo-" + r[0] == target && r[1] == network)];
            Assert.Equal(figures.EightBit, Assert.Single(Of(own, "original 8-bit")));
            Assert.Equal(Of(own, "PACT uniform"), figures.Uniform);
            Assert.Equal(Of(own, "HAQ flexible"), figures.Haq);
        }

        static CostPoint[] Of(string[][] rows, string method) => [.. rows.Where(r => r[3] == method).Select(r => new CostPoint(Number(r[6]), Number(r[4])))];
    }

    [Fact]
    public void Energies_are_those_of_its_table()
    {
        string[][] rows = [.. Rows("oracles/haq_paper_other_tables.csv").Where(r => r[0].StartsWith("energy", StringComparison.Ordinal))];
        Assert.Equal(PaperFigures.Energy.EightBit, Assert.Single(Of("original")));
        Assert.Equal(Of("PACT"), PaperFigures.Energy.Uniform);
        Assert.Equal(Of("HAQ"), PaperFigures.Energy.Haq);

        CostPoint[] Of(string method) => [.. rows.Where(r => r[3] == method).Select(r => new CostPoint(Number(r[6]), Number(r[4])))];
    }

    [Fact]
    public void Equal_accuracy_gives_the_papers_claims()
    {
        // "Reduced the latency by 1.4-1.95x and the energy consumption by 1.9x with negligible loss of accuracy compared with the fixed bitwidth (8 bits)": its abstract.
        Assert.All(PaperFigures.Latencies, p => Assert.InRange(p.Figures.Ratio(p.Figures.Haq, 0.5)!.Value, 1.4, 1.95));
        Assert.Equal(1.9, PaperFigures.Energy.Ratio(PaperFigures.Energy.Haq, 0.5)!.Value, 1);
    }

    private static string[][] Rows(string relative) => [.. File.ReadLines(Shared.File(relative)).Skip(1).Select(line => line.Split(','))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
