using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Tool.Options;

namespace Haq.Tool.Commands;

/// <summary>The policy that <c>--bits</c> or <c>--policy</c> names; without either the lock file's.</summary>
internal static class PolicyChoice
{
    public static Policy Of(Workspace workspace, string? bits, string? file)
    {
        if (bits is not null)
        {
            var pair = BitsOption.One(bits);
            return workspace.UniformPolicy(pair)
                ?? throw DiagnosticCatalog.BitsSyntax.Error((SourceLocation?)null, $"'--bits {bits}' is no width that {workspace.Target.Name} computes with; it computes with {workspace.Target.Bits}.");
        }
        if (file is not null) return PolicyFile.Load(file).For(workspace.Model.Items, file);
        return workspace.LockedPolicy()
            ?? throw DiagnosticCatalog.LockMissing.Error(workspace.Manifest.File, "there is no policy to measure: give --bits or --policy, or build once so that haq.lock.json holds one.");
    }
}
