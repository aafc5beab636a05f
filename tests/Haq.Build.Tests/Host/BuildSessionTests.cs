using System.Diagnostics;
using Haq.Build.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Tool.BuildHost;

namespace Haq.Build.Tests.Host;

/// <summary>The engine's side of a build, with a builder that copies instead of quantizing.</summary>
public sealed class BuildSessionTests : IDisposable
{
    private readonly string _project = Directory.CreateTempSubdirectory("haq-session").FullName;
    private readonly StringWriter _output = new();
    private int _builds;

    public void Dispose() => Directory.Delete(_project, recursive: true);

    [Fact]
    public void Outputs_inputs_and_warnings_are_written_down_and_a_second_session_builds_nothing()
    {
        var request = Request("models/haq.yaml");
        var warning = new DiagnosticDescriptor("HAQ1001", "few samples", ExitCode.Ok).At(new SourceLocation("haq.yaml", 3, 4), "few samples.");

        Assert.Equal(ExitCode.Ok, Run(request, order => Copy(order) with { Warnings = [warning] }));

        var state = BuildState.Read(request.StateFile);
        Assert.Null(state?.WhyStale("key", request.Manifests, DateTime.UtcNow));
        Assert.Equal(["models/net.haq.onnx", "models/net.report.html"], state?.Outputs.Select(o => o.Target));
        Assert.Contains(request.Manifests[0], state!.Inputs.Keys);
        Assert.Contains(warning.ToString(), _output.ToString(), StringComparison.Ordinal);

        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCode.Ok, Run(request, Copy));
        Assert.Equal(1, _builds);
        Assert.Contains("warning HAQ1001", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_manifests_error_does_not_hide_the_others_and_leaves_no_state()
    {
        var request = Request("a/haq.yaml", "b/haq.yaml", "c/haq.yaml");

        var exit = Run(request, order => order.Manifest.EndsWith(Path.DirectorySeparatorChar + Path.Combine("c", "haq.yaml"), StringComparison.Ordinal)
            ? Copy(order)
            : throw DiagnosticCatalog.UnknownKey.Error(new SourceLocation(order.Manifest, 2, 1), "no such key."));

        Assert.Equal(ExitCode.Usage, exit);
        Assert.Equal(2, _output.ToString().Split("error HAQ0002").Length - 1);
        Assert.False(File.Exists(request.StateFile));
    }

    [Fact]
    public void Two_manifests_with_one_output_are_refused()
    {
        // Both lie outside of the project, so both outputs belong at the top.
        var request = Request("../x-1/haq.yaml", "../x-2/haq.yaml");
        Assert.Equal(ExitCode.Usage, Run(request, Copy));
        Assert.Contains("error HAQ0884", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_former_output_is_removed_when_it_is_made_no_more()
    {
        var request = Request("haq.yaml");
        Run(request, Copy);
        request.ToolKey = "another";
        string first = Path.Combine(request.ObjectDirectory, "out", "net.haq.onnx");
        Assert.True(File.Exists(first));

        Run(request, order => Copy(order, "renamed"));

        Assert.False(File.Exists(first));
        Assert.True(File.Exists(Path.Combine(request.ObjectDirectory, "out", "renamed.haq.onnx")));
    }

    [Fact]
    public void A_damaged_state_has_nothing_removed_that_is_not_a_builds()
    {
        var request = Request("haq.yaml");
        Run(request, Copy);
        string mine = Path.Combine(_project, "mine.onnx"), output = Path.Combine(request.ObjectDirectory, "out", "net.haq.onnx");
        File.WriteAllText(mine, "mine");
        File.WriteAllText(request.StateFile, File.ReadAllText(request.StateFile).Replace(output, mine, StringComparison.Ordinal));
        request.ToolKey = "another";
        Run(request, order => Copy(order, "renamed"));
        Assert.Equal("mine", File.ReadAllText(mine));
    }

    [Theory]
    [InlineData("colour=blue")]
    [InlineData("parent=99999999999")]
    [InlineData("locked=perhaps")]
    public void A_request_of_another_package_is_one_line(string line)
    {
        string file = Path.Combine(_project, "request");
        File.WriteAllText(file, $"project={_project}\n{line}\n");
        using var engine = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(BuildSession).Assembly.Location, BuildRequest.Verb, "@" + file]) { RedirectStandardOutput = true })!;
        string said = engine.StandardOutput.ReadToEnd();
        engine.WaitForExit();
        Assert.Equal((int)ExitCode.Machine, engine.ExitCode);
        Assert.Contains($"'{line}' is not part of a build request.", Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Leave_to_measure_reaches_the_model_that_is_built(bool measure)
    {
        var request = Request("haq.yaml");
        request.Measure = measure;
        bool? heard = null;
        Assert.Equal(ExitCode.Ok, Run(request, order =>
        {
            heard = order.Measure;
            return Copy(order);
        }));
        Assert.Equal(measure, heard);
    }

    [Fact]
    public void A_stopped_build_says_so_and_leaves_no_state()
    {
        using var stop = new CancellationTokenSource();
        var request = Request("haq.yaml");
        BuildModel endless = (_, _, cancellation) =>
        {
            stop.Cancel();
            cancellation.WaitHandle.WaitOne();
            throw new OperationCanceledException(cancellation);
        };
        Assert.Equal(ExitCode.Interrupted, new BuildSession(request, endless, _output).Run(stop.Token));
        Assert.False(File.Exists(request.StateFile));
    }

    [Fact]
    public void A_defect_is_one_line_and_a_log()
    {
        var request = Request("haq.yaml");
        Assert.Equal(ExitCode.Machine, Run(request, _ => throw new InvalidOperationException("boom")));
        Assert.Contains("error HAQ0883", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("   at ", File.ReadAllText(Path.Combine(request.ObjectDirectory, "defect.log")), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_progress_reports_few_are_printed()
    {
        var hour = TimeSpan.FromHours(1);
        var rare = new ProgressLines(_output, hour, hour);
        for (int i = 0; i < 1000; i++) rare.Report("searching");
        Assert.Equal("", _output.ToString());

        var all = new ProgressLines(_output, TimeSpan.Zero, hour);
        all.Report("searching,\n3 s left");
        all.Report("searching, 2 s left");
        Assert.Equal(["  Haq: searching, 3 s left", "  Haq ... searching, 2 s left"], _output.ToString().Split(_output.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private ExitCode Run(BuildRequest request, Func<ModelOrder, BuiltModel> build) => new BuildSession(request, (order, _, _) => build(order), _output).Run(CancellationToken.None);

    private BuildRequest Request(params string[] manifests)
    {
        var request = new BuildRequest { ProjectDirectory = _project, ObjectDirectory = Path.Combine(_project, "obj", "haq"), ToolKey = "key" };
        foreach (string manifest in manifests)
        {
            string path = manifest.StartsWith("..", StringComparison.Ordinal) ? Path.Combine(_project, "outside", manifest[3..]) : Path.Combine(_project, manifest);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "model: net.onnx");
            request.Manifests.Add(path);
        }
        if (manifests[0].StartsWith("..", StringComparison.Ordinal)) request.ProjectDirectory = Directory.CreateDirectory(Path.Combine(_project, "inside")).FullName;
        return request;
    }

    private BuiltModel Copy(ModelOrder order) => Copy(order, "net");

    private BuiltModel Copy(ModelOrder order, string name)
    {
        _builds++;
        Directory.CreateDirectory(order.OutputDirectory);
        string model = Path.Combine(order.OutputDirectory, name + ".haq.onnx"), report = Path.Combine(order.OutputDirectory, name + ".report.html");
        File.Copy(order.Manifest, model, overwrite: true);
        File.Copy(order.Manifest, report, overwrite: true);
        return new BuiltModel([model], [report], new Dictionary<string, FileRecord> { [order.Manifest] = FileRecord.Take(order.Manifest, DateTime.UtcNow) }, [], "done");
    }
}
