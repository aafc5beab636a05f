using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Tool.Output;

/// <summary>
/// Answers which tensors need more than 8 bits: the share of wide ones, what the choice and 16 bits throughout give and cost, and each tensor with a choice by what it gains for what it costs.
/// </summary>
internal static class WideTensorTable
{
    private const int MostRows = 40;

    public static void Print(FoundPolicy found)
    {
        var (items, pricing, policy) = (found.Layers, found.Pricing, found.Outcome.Policy);
        var entries = WideTensors.Rank(items, pricing.Space, pricing.Costs, policy, found.Scores);
        if (entries.IsEmpty) return;
        Console.WriteLine($"{entries.Count(e => e.Width > Bitwidth.Eight)} of {entries.Length} tensors with a choice are wider than 8 bits: {Share(items, policy)} of all activation elements");
        if (found.Wide is { } wide && found.Outcome.Score is { } own)
        {
            var beside = Tables.New("policy", "elements above 8 bits", "latency ms", "cosine", "loss").AlignRight(1, 4);
            Row("this choice", policy, own);
            Row("uniform w8a16", wide.Policy, wide.Score);
            beside.Print();

            void Row(string name, Policy shown, PolicyScore score) => beside.AddText(name, Share(items, shown),
                (pricing.Costs.PriceWhole(shown).LatencySeconds * 1e3).ToString("0.####", Tables.Culture), score.Cosine?.ToString("0.00000", Tables.Culture) ?? "",
                score.Loss.ToString("0.00000", Tables.Culture));
        }
        var table = Tables.New("tensor", "elements", "bits", "narrow loses", "wide costs µs").AlignRight(1, 4);
        foreach (var entry in entries.Take(MostRows))
        {
            table.AddText(entry.Name, entry.Elements.ToString("#,0", Tables.Culture), WidthText.Of(entry.Width), entry.Gain?.ToString("0.000000", Tables.Culture) ?? "",
                (entry.Seconds * 1e6).ToString("0.###", Tables.Culture));
        }
        table.Print();
        if (entries.Length > MostRows) Console.WriteLine($"and {entries.Length - MostRows} more; --json has all");
    }

    private static string Share(IReadOnlyList<QuantizableLayer> items, Policy policy) => (100 * WideTensors.Share(items, policy)).ToString("0.##", Tables.Culture) + " %";
}
