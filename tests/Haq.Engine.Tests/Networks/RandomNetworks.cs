using System.Globalization;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>The kinds of random networks.</summary>
internal static class RandomNetworks
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["cnn", "sequence", "square"];

    /// <summary>Noise over signal, in power, that 8 bits leave below even in a chain of layers with channels that differ by a factor of a thousand.</summary>
    public const double MostNoise = 0.05;

    /// <summary>The network of a kind and a number.</summary>
    public static OnnxModel Make(string kind, int number)
    {
        var graph = new RandomGraph(new SeededRandom(20260).Fork(string.Create(CultureInfo.InvariantCulture, $"{kind} {number}")));
        return kind switch
        {
            "cnn" => new RandomCnn(graph).Make(),
            "sequence" => new RandomSequence(graph).Make(),
            _ => new RandomSquare(graph).Make(),
        };
    }
}
