using System.Text.Json;

namespace Haq.Engine.Tests.Zoo;

/// <summary>What a made graph's NAME.json says that cannot be seen from the graph: shapes of free inputs, ranges of inputs, and the code that it is refused with, if it is.</summary>
internal sealed record GraphHint(Dictionary<string, long[]> Shapes, Dictionary<string, double[]> Ranges, string? Refused)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    /// <summary>Of the graph at <paramref name="path"/>; empty where no file stands beside it.</summary>
    public static GraphHint Of(string path)
    {
        string file = Path.ChangeExtension(path, ".json");
        var read = File.Exists(file) ? JsonSerializer.Deserialize<GraphHint>(File.ReadAllText(file), s_options)! : new GraphHint([], [], null);
        return read with { Shapes = read.Shapes ?? [], Ranges = read.Ranges ?? [] };
    }
}
