using System.Globalization;
using System.Text.RegularExpressions;

namespace Haq.Cluster.Tests.Matrix;

/// <summary>Lines by which a test knows where a process is.</summary>
internal static partial class HaqLines
{
    /// <summary>A matrix has finished one more cell; its number is in the first group.</summary>
    [GeneratedRegex(@"^\[ *(\d+)/\d+\] ")]
    public static partial Regex Finished();

    /// <summary>A worker takes work.</summary>
    [GeneratedRegex("connected to the cluster")]
    public static partial Regex Connected();

    /// <summary>What a worker did that was asked to end.</summary>
    public static int PiecesOf(string said) => int.Parse(Pieces().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"ended after (\d+) pieces of work")]
    private static partial Regex Pieces();
}
