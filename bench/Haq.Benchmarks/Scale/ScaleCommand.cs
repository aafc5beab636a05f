using System.Globalization;

namespace Haq.Benchmarks.Scale;

/// <summary>What more workers bring: <c>scale local</c> on this machine, <c>scale simulate</c> on clusters of any size by times measured here, <c>scale overhead</c> what giving out costs.</summary>
internal static class ScaleCommand
{
    public static void Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["local", var manifest, .. var rest]:
                LocalComparison.Run(manifest, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 5, rest.ElementAtOrDefault(1));
                break;
            default:
                throw new ArgumentException("scale local MANIFEST [ROUNDS [search|POLICIES]] | scale simulate MANIFEST | scale overhead");
        }
    }
}
