using Haq.Build.Protocol;
using Haq.Build.Reliability;

namespace Haq.Build.Tests.Reliability;

/// <summary>Sources where nobody may write, with outputs elsewhere: a mount in a container, for example.</summary>
public sealed class ReadOnlySourceTests
{
    [Fact]
    public void A_project_that_cannot_be_written_to_is_built_without_a_lock_file()
    {
        Assert.SkipUnless(OtherUser.IsAvailable, "It takes root to be another user, and another user to be refused.");
        string elsewhere = Directory.CreateTempSubdirectory("haq-elsewhere").FullName;
        using var project = new TrialProject(objects: Path.Combine(elsewhere, "objects"), cache: Path.Combine(elsewhere, "cache"));
        OtherUser.Share(project.Objects);
        OtherUser.Share(project.Cache);
        OtherUser.Protect(project.Folder, isProtected: true);
        // Root's own folder, and closed to others unless somebody opens it.
        OtherUser.Share(Path.Combine(project.Folder, "..", "open"));

        var built = EngineProcess.Run(project.Request, user: OtherUser.First);

        Assert.True(built.ExitCode == 0, built.Said);
        Assert.Contains($"{project["haq.lock.json"]}: warning HAQ1925: cannot be written, and stays missing: ", built.Said, StringComparison.Ordinal);
        Assert.True(File.Exists(project.Output));
        Assert.False(File.Exists(project["haq.lock.json"]));
        Assert.Null(BuildState.Read(project.Request.StateFile)!.WhyStale(project.Request.ToolKey, project.Request.Manifests, DateTime.UtcNow));

        // Where it may be written it is, by the next build that has to do anything.
        OtherUser.Protect(project.Folder, isProtected: false);
        File.Delete(project.Output);
        Assert.Equal(0, EngineProcess.Run(project.Request).ExitCode);
        Assert.True(File.Exists(project["haq.lock.json"]));
        Directory.Delete(elsewhere, recursive: true);
    }
}
