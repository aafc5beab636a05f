using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Benchmarks.Strategies;

namespace Haq.Benchmarks.Reproduction;

/// <summary>What one cell gave, as one line of the result file.</summary>
/// <param name="Cell">The cell's text.</param>
/// <param name="Bits">The policy: widths of weights and activations of every layer.</param>
/// <param name="Budget">The bound, in seconds, joules or bits.</param>
/// <param name="Cost">What the policy costs of it.</param>
/// <param name="EightBit">What 8 bit costs of it; for sizes, the float model.</param>
/// <param name="Images">Images that no choice was made on.</param>
/// <param name="Float">A bit per such image: the float model is right. Base64.</param>
/// <param name="Correct">A bit per such image: the exported file is right in a plain session. Base64.</param>
/// <param name="Loss">Mean KL divergence of the exported file from the float model there, in nats.</param>
/// <param name="File">SHA-256 of the exported file.</param>
internal sealed record CellResult(string Cell, string Bits, double Budget, double Cost, double EightBit, int Images, string Float, string Correct, double Loss, string File)
{
    private static readonly JsonSerializerOptions s_json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Loss on the search's images; null where no search measured.</summary>
    public double? SearchedLoss { get; init; }

    /// <summary>Different policies measured by the search.</summary>
    public int Evaluated { get; init; }

    /// <summary>Seconds of the choice alone; scores and measurements that an earlier cell had left behind cost nothing.</summary>
    public double Seconds { get; init; }

    /// <summary>What the search was doing when its time was up; null where it came to its end.</summary>
    public string? EndedIn { get; init; }

    /// <summary>A letter per layer: d depthwise, p pointwise, c another convolution, f fully connected.</summary>
    public string Layers { get; init; } = "";

    /// <summary>Latency on each target, as a share of 8 bit there.</summary>
    public Dictionary<string, double>? Latencies { get; init; }

    /// <summary>Energy on each target that has a model of it, as a share of 8 bit there.</summary>
    public Dictionary<string, double>? Energies { get; init; }

    /// <summary>Top-1 of the exported file in percent.</summary>
    [JsonIgnore]
    public double Top1 => Share(Correct);

    /// <summary>Top-1 of the float model on the same images in percent.</summary>
    [JsonIgnore]
    public double FloatTop1 => Share(Float);

    /// <summary>The cost as a share of what factors are of.</summary>
    [JsonIgnore]
    public double Relative => Cost / EightBit;

    /// <summary>One line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Reads a line; null where it is cut off.</summary>
    public static CellResult? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<CellResult>(line, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private double Share(string hits) => 100.0 * StrategyRun.Unpack(hits, Images).Count(h => h) / Images;
}
