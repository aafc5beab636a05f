using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Haq.Benchmarks.Steps.Figures;

/// <summary>Training steps on one processor, as kept in <c>bench/results/steps</c>.</summary>
/// <param name="Processor">Its name, as it gives it itself.</param>
/// <param name="Instructions">The widest registers that both sides use.</param>
/// <param name="Threads">Threads of every contender.</param>
/// <param name="Conditions">What else is to be known: versions, rounds, what ran beside it, who measured.</param>
internal sealed record StepResults(string Processor, string Instructions, int Threads, string Conditions)
{
    /// <summary>Head of the page's table.</summary>
    public const string Head =
        "| step | PyTorch ms (fastest) | before ms (fastest) | now ms (fastest) | now / PyTorch (min .. max) | fastest now / PyTorch | fastest now / before |\n|---|---|---|---|---|---|---|";

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One for each step.</summary>
    public IReadOnlyList<StepFigure> Steps { get; init; } = [];

    /// <summary>Reads a file.</summary>
    public static StepResults Read(string file) => JsonSerializer.Deserialize<StepResults>(File.ReadAllText(file), s_options)!;

    /// <summary>Writes these figures; those of other steps that the file has already stay.</summary>
    public void Write(string file)
    {
        var kept = File.Exists(file) ? Read(file).Steps.Where(old => Steps.All(s => s.Step != old.Step)) : [];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string written = file + ".new";
        File.WriteAllText(written, JsonSerializer.Serialize(this with { Steps = [.. kept, .. Steps] }, s_options) + "\n");
        File.Move(written, file, overwrite: true);
    }

    /// <summary>The page's part about this processor.</summary>
    public string Page() => $"### {Processor}, {Instructions}, {Threads} threads\n\n{Conditions}\n\n{Head}\n{string.Join('\n', Steps.Select(s => s.Row()))}\n";
}
