using System.Globalization;
using System.Reflection;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline;

/// <summary>What decides whether this engine would decide the same again.</summary>
public static class EngineIdentity
{
    /// <summary>The engine's version.</summary>
    public static string Version { get; } =
        typeof(EngineIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>SHA-256 of the versions of all stages and of ONNX Runtime.</summary>
    public static string Digest { get; } = Compute();

    private static string Compute()
    {
        using var key = new StageKeyBuilder("engine", 1);
        foreach (var (stage, version) in StageVersions.All) key.Add(stage, version.ToString(CultureInfo.InvariantCulture));
        key.Add("ONNX Runtime", OrtVersion.Text);
        return key.Build().Digest;
    }
}
