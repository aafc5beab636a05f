using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>How whole files are timed on a device.</summary>
/// <param name="Command">The command, <c>{}</c> being a file, or a command line where it ends in a shell on the device.</param>
/// <param name="Runner">What to start on the device where the command ends in a shell there.</param>
/// <param name="Remote">The folder there; null for one of its own.</param>
/// <param name="Folder">Where the command runs here.</param>
internal sealed record DeviceRun(string Command, string Runner, string? Remote, [property: NoInfluence("a place")] string Folder);
