using System.Globalization;

namespace Haq.Benchmarks.Costs;

/// <summary>Holds every kind of cost model against published and measured figures, and writes the tables of docs/accuracy-of-costs.md.</summary>
internal static class CostComparison
{
    /// <summary>Prints the tables and puts them into the document.</summary>
    /// <param name="repository">The checkout.</param>
    public static int Run(string repository)
    {
        string shared = Path.Combine(repository, "..", "shared");
        var files = new FigureFiles(Directory.Exists(shared) ? shared : null);
        Comparison[] all = [.. All(files)];
        string tables = CostDocument.Tables(all, files.Missing);
        Console.Write(tables);
        string document = Path.Combine(repository, "docs", "accuracy-of-costs.md");
        if (files.Missing.Count > 0)
        {
            Console.WriteLine($"{document} was left as it is: it has rows of files that are not here.");
            return 1;
        }
        File.WriteAllText(document, CostDocument.Replaced(File.ReadAllText(document), tables));
        return 0;
    }

    /// <summary>Prints every figure of one comparison.</summary>
    /// <param name="repository">The checkout.</param>
    /// <param name="number">Its number in the document.</param>
    public static int Rows(string repository, int number)
    {
        var comparison = All(new FigureFiles(Path.Combine(repository, "..", "shared"))).ElementAt(number - 1);
        Console.WriteLine($"{comparison.Kind}: {comparison.What} ({comparison.Source})");
        foreach (var (predicted, actual) in comparison.Predicted.Zip(comparison.Actual))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{predicted:G6}\t{actual:G6}\t{(predicted / actual - 1) * 100:+0.0;-0.0} %"));
        return 0;
    }

    /// <summary>All comparisons, in the document's order.</summary>
    public static IEnumerable<Comparison> All(FigureFiles files) =>
        [.. BitSerialCosts.All(files), .. FusedSystolicCosts.All(files), .. SystolicCosts.All(files), .. FittedCosts.All(files), .. ProcessorCosts.All()];
}
