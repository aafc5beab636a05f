using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Haq.Benchmarks.Scale.Figures;

/// <summary>What a cluster brings, by figures of one processor, as kept in <c>bench/results/scale</c>.</summary>
/// <param name="Processor">Its name, as it gives it itself.</param>
/// <param name="Instructions">The widest registers that are used.</param>
/// <param name="Cores">How many the machine has.</param>
/// <param name="Conditions">Versions, and what else is to be known.</param>
internal sealed record ScaleResults(string Processor, string Instructions, int Cores, string Conditions)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string CostHead = "| network | layers | policies asked for | samples / of a probe | core-ms a policy | core-seconds a search | the search's own seconds | probing, by what it takes "
        + "without reuse |\n|---|---|---|---|---|---|---|---|\n";

    /// <summary>What giving policies away costs.</summary>
    public OverheadFigures? Overhead { get; init; }

    /// <summary>Workers in processes of their own against one process.</summary>
    public WorkerFigures? Workers { get; init; }

    /// <summary>One for each network.</summary>
    public IReadOnlyList<NetworkFigures> Networks { get; init; } = [];

    /// <summary>Reads a file.</summary>
    public static ScaleResults Read(string file) => JsonSerializer.Deserialize<ScaleResults>(File.ReadAllText(file), s_options)!;

    /// <summary>Writes these figures; what they lack and the file has stays.</summary>
    public void Write(string file)
    {
        var old = File.Exists(file) ? Read(file) : null;
        var kept = old?.Networks.Where(o => Networks.All(n => n.Network != o.Network)) ?? [];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string written = file + ".new";
        var all = this with { Overhead = Overhead ?? old?.Overhead, Workers = Workers ?? old?.Workers, Networks = [.. kept, .. Networks] };
        File.WriteAllText(written, JsonSerializer.Serialize(all, s_options) + "\n");
        File.Move(written, file, overwrite: true);
    }

    /// <summary>The page's parts, in its order.</summary>
    public IReadOnlyList<string> Pages(int phasesAt) =>
    [
        $"Measured on: {Processor}, {Instructions}, {Cores.ToString(CultureInfo.InvariantCulture)} cores; {Conditions}\n",
        .. Workers is null ? [] : (string[])[Workers.Page()],
        .. Overhead is null ? [] : (string[])[Overhead.Page()],
        .. Networks.Count == 0 ? [] : (string[])[CostHead + string.Concat(Networks.Select(n => n.CostRow() + "\n"))],
        .. Networks.Select(n => n.Page()),
        .. Networks.Select(n => n.PhasePage(phasesAt)),
    ];
}
