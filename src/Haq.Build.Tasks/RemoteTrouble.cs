using Microsoft.Build.Framework;

namespace Haq.Build.Tasks;

/// <summary>
/// Lets the projects of one build know that the shared cache failed for one of them: a server that is slow, away or wrong costs its delay and its warning once, not for every project.
/// </summary>
internal static class RemoteTrouble
{
    /// <summary>What is asked for in the shared cache's place.</summary>
    public const string Off = "off";

    private const string Key = "Haq.Build.RemoteTrouble";
    private const RegisteredTaskObjectLifetime ThisBuild = RegisteredTaskObjectLifetime.Build;

    /// <summary>Whether a warning is one after which the engine leaves the shared cache aside.</summary>
    public static bool IsOne(string code) => code == "HAQ1960" || code == "HAQ1961";

    /// <summary>Tells the projects that come after this one.</summary>
    public static void Remember(IBuildEngine engine)
    {
        if (!IsKnown(engine)) (engine as IBuildEngine4)?.RegisterTaskObject(Key, Off, ThisBuild, allowEarlyCollection: false);
    }

    /// <summary>Whether it failed in this build, as far as this process knows.</summary>
    public static bool IsKnown(IBuildEngine engine) => (engine as IBuildEngine4)?.GetRegisteredTaskObject(Key, ThisBuild) != null;
}
