using Haq.Engine.Diagnostics;
using Microsoft.Build.Locator;

namespace Haq.Tool.Projects;

/// <summary>Makes the .NET SDK's own MSBuild the one that projects are evaluated with.</summary>
internal static class SdkRegistration
{
    /// <summary>Registers the SDK that a build in the folder of <paramref name="file"/> would use: global.json counts. Once in a process.</summary>
    /// <exception cref="HaqException">No SDK can evaluate it (HAQ0885).</exception>
    public static void Ensure(string file)
    {
        if (MSBuildLocator.IsRegistered) return;
        try
        {
            var options = new VisualStudioInstanceQueryOptions { DiscoveryTypes = DiscoveryType.DotNetSdk, WorkingDirectory = Path.GetDirectoryName(file)! };
            var sdk = MSBuildLocator.QueryVisualStudioInstances(options).FirstOrDefault()
                ?? throw DiagnosticCatalog.NoProject.Error(file, "no .NET SDK was found to evaluate it with. Install one, or name the haq.yaml itself.");
            MSBuildLocator.RegisterInstance(sdk);
        }
        catch (InvalidOperationException e)
        {
            throw DiagnosticCatalog.NoProject.Error(file, $"no .NET SDK can evaluate it: {e.Message} Install one, or name the haq.yaml itself.", e);
        }
    }
}
