using Haq.Build.Protocol;

namespace Haq.Build.Tests.Protocol;

public sealed class BuildRequestTests
{
    [Fact]
    public void Every_part_survives_the_response_file()
    {
        var request = new BuildRequest
        {
            ProjectDirectory = "/src/we ird @ü=x", ObjectDirectory = "/src/obj/haq", ToolKey = "abc;locked=true", ParentProcess = 4711,
            CancelFile = "/src/obj/haq/cancel.1", CacheDirectory = @"C:\cache ü\", Locked = true, Measure = true, Strategy = "ddpg", RemoteCache = "https://cache/a=b", RemoteCacheMode = "read", Cluster = "redis://host:6379/0",
        };
        request.Manifests.AddRange(["/src/a/haq.yaml", "/src/b = c/haq.yaml"]);

        var read = BuildRequest.Parse(request.Write().Split('\n'));

        Assert.Equivalent(request, read, strict: true);
    }

    [Fact]
    public void A_line_of_another_version_is_refused() =>
        Assert.Throws<FormatException>(() => BuildRequest.Parse(["project=/src", "colour=blue"]));
}
