using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Fitted;

namespace Haq.Tool.Output;

/// <summary>What a fit found and what it is worth.</summary>
internal static class FitText
{
    public static void Print(FittedTarget fit, HardwareTarget target, string path)
    {
        var table = Tables.New("parameter", "value", "what it is");
        foreach (var column in table.Columns.Skip(1)) column.NoWrap = false;
        foreach (var p in target.Parameters.Where(p => p.Key is not ("bits" or "tensors" or "residual" or "batch" or "expected_error" or "fitted")))
            table.AddText(p.Key, $"{p.Value}{(p.Unit.Length > 0 ? " " + p.Unit : "")}", p.Purpose);
        table.Print();
        Console.WriteLine(string.Create(Tables.Culture, $"fitted to {fit.Rows} times of {fit.Shapes} different layers. On layers that the fit had not seen it is off by {fit.MedianError * 100:0.#} % in the median and "
            + $"{fit.WideError * 100:0.#} % in nine of ten; one time for all layers by {fit.ConstantError * 100:0.#} %. Rank correlation {fit.RankCorrelation:0.000}."));
        Console.WriteLine($"wrote {path}");
    }

    public static void WriteJson(FittedTarget fit, HardwareTarget target, string path) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", 1);
        writer.WriteString("hardware", path);
        writer.WriteNumber("rows", fit.Rows);
        writer.WriteNumber("shapes", fit.Shapes);
        writer.WriteNumber("medianErrorPercent", fit.MedianError * 100);
        writer.WriteNumber("wideErrorPercent", fit.WideError * 100);
        writer.WriteNumber("constantErrorPercent", fit.ConstantError * 100);
        writer.WriteNumber("rankCorrelation", fit.RankCorrelation);
        writer.WriteStartObject("parameters");
        foreach (var p in target.Parameters) writer.WriteString(p.Key, p.Value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
