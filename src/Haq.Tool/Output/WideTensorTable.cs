using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Tool.Output;

/// <summary>Answers which tensors need more than 8 bits: the share of wide ones, and each tensor with a choice by what it gains for what it costs.</summary>
internal static class WideTensorTable
{
    private const int MostRows = 40;

    public static void Print(IReadOnlyList<QuantizableLayer> items, Pricing pricing, Policy policy, SensitivityTable? scores)
    {
        var entries = WideTensors.Rank(items, pricing.Space, pricing.Costs, policy, scores);
        if (entries.IsEmpty) return;
        Console.WriteLine(
            $"{entries.Count(e => e.Width > Bitwidth.Eight)} of {entries.Length} tensors with a choice are wider than 8 bits: {(100 * WideTensors.Share(items, policy)).ToString("0.##", Tables.Culture)} % of all activation elements");
        var table = Tables.New("tensor", "elements", "bits", "narrow loses", "wide costs µs").AlignRight(1, 4);
        foreach (var entry in entries.Take(MostRows))
        {
            table.AddText(entry.Name, entry.Elements.ToString("#,0", Tables.Culture), WidthText.Of(entry.Width), entry.Gain?.ToString("0.000000", Tables.Culture) ?? "",
                (entry.Seconds * 1e6).ToString("0.###", Tables.Culture));
        }
        table.Print();
        if (entries.Length > MostRows) Console.WriteLine($"and {entries.Length - MostRows} more; --json has all");
    }
}
