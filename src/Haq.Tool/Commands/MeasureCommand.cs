using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Probing;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq measure [MODEL] [--widths …] --output DIR [--run CMD | --ssh HOST]</c>, <c>haq measure --import FILE</c></summary>
internal sealed class MeasureCommand
{
    private readonly Argument<string?> _model = new("MODEL") { Description = "A float ONNX model. Without it, the bundle that is in --output is measured.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> _widths = BitsOption.Create("The pairs of widths to measure. Default: w8a8,w32a32.", "--widths");
    private readonly Option<string?> _output = new("--output") { Description = "The bundle's folder.", HelpName = "DIR" };
    private readonly Option<string?> _import = new("--import") { Description = "Bring in measured times, a line 'probe,seconds' for every probe, as a hardware file and its table.", HelpName = "FILE" };
    private readonly Option<string?> _hardware = new("--hardware") { Description = "The hardware file to write. Default: MODEL.hardware.yaml beside the times.", HelpName = "FILE" };
    private readonly Option<string?> _device = new("--device") { Description = "What is measured, for people.", HelpName = "TEXT" };
    private readonly Option<string?> _run = new("--run") { Description = "Measure now: a command that times one model file, {} being its path, and prints 'probe,seconds'. Where it ends in a shell ('adb shell {}'), {} is a command.", HelpName = "CMD" };
    private readonly SshOptions _ssh = new("Measure now on a board: copy, run the runner there, fetch; goes on after a cut.");
    private readonly Option<string> _runner = new("--runner") { Description = "On a board: what to start in the bundle's folder.", HelpName = "CMD", DefaultValueFactory = _ => new RemoteOptions().Runner };
    private readonly Option<string?> _remote = new("--remote") { Description = "On a board: the bundle's folder there. Default: one of its own.", HelpName = "DIR" };
    private readonly Option<string?> _copy = new("--copy") { Description = "On a board: a command that copies the bundle there, {} being its folder here. Default: tar through the shell.", HelpName = "CMD" };
    private readonly Option<int> _repeats = new("--repeats") { Description = "With --run: how often to run the command for each probe; the median counts.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private const double MostSeconds = 7 * 24 * 3600;

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "With --run: seconds after which the command is ended.", HelpName = "S", DefaultValueFactory = _ => DeviceCommand.UsualTimeout.TotalSeconds,
    };

    private readonly Option<int?> _batch = new("--batch") { Description = "Images at a time. Default: what the model says, or 1.", HelpName = "N" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Decides about inputs and mixed networks.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> _shape = ShapeOption.Create();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        var measure = new MeasureCommand();
        var command = new Command(
            "measure",
            """
            Measure a model on any device: write a bundle of probes (layers, fused groups, changes of width, whole networks) with runners, run it there, and bring the times in as a hardware file.

            Examples:
              haq measure mobilenet.onnx --widths w8a8,w8a16,w32a32 --output bundle
              haq measure --import bundle/times.csv
              haq measure mobilenet.onnx --output bundle --run 'python3 my-board.py {}'
              haq measure --output bundle --ssh user@board --runner 'python3 measure.py --provider xnnpack --threads 4'
              haq measure --output bundle --run 'adb shell {}' --remote /data/local/tmp/haq --runner 'sh measure.sh ./onnxruntime_perf_test -e nnapi'
            """)
        {
            measure._model, measure._widths, measure._output, measure._import, measure._hardware, measure._device, measure._run, measure._runner,
            measure._remote, measure._copy, measure._repeats, measure._timeout, measure._batch, measure._seed, measure._shape, measure._json,
        };
        foreach (var option in measure._ssh.All) command.Options.Add(option);
        command.Validators.Add(measure.Check);
        command.SetAction((parsed, cancellation) => Task.Run(() => measure.Run(parsed, cancellation), cancellation));
        return command;
    }

    private void Check(System.CommandLine.Parsing.CommandResult result)
    {
        bool imports = result.GetValue(_import) is not null;
        bool runs = result.GetValue(_run) is not null, connects = _ssh.IsGiven(result);
        if (!imports && result.GetValue(_output) is null) result.AddError("--output says which folder the bundle is in; or give --import a file of times.");
        if (runs && connects) result.AddError("--run and --ssh exclude each other.");
        if (imports && (runs || connects)) result.AddError("--import brings in what was measured; --run and --ssh measure, and bring it in by themselves.");
        if (!imports && !runs && !connects && result.GetValue(_model) is null) result.AddError("give a MODEL to write a bundle of, --run or --ssh to measure one, or --import to bring times in.");
        if (result.GetResult(_repeats) is { Implicit: false } && result.GetValue(_repeats) < 1) result.AddError("--repeats needs a number from 1");
        _ssh.Check(result);
        if (result.GetResult(_timeout) is { Implicit: false } && result.GetValue(_timeout) is not (> 0 and <= MostSeconds)) result.AddError("--timeout needs a number of seconds above 0 and no more than a week");
        if (result.GetValue(_batch) is < 1) result.AddError("--batch takes a number of images, at least 1.");
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string? folder = parsed.GetValue(_output);
        ProbeBundle? written = null;
        BundleImport? imported = null;
        var template = Template(parsed);
        using (var progress = new ConsoleProgress())
        {
            if (parsed.GetValue(_import) is { } times)
            {
                imported = Import(parsed, times, folder, null, null, null);
            }
            else
            {
                if (parsed.GetValue(_model) is { } model)
                {
                    var options = new ProbingOptions(Widths(parsed)) { Shapes = ShapeOption.Parse(parsed.GetValue(_shape)!), Batch = parsed.GetValue(_batch), Seed = parsed.GetValue(_seed) };
                    written = BundleWriter.Write(OnnxModel.Load(model), options, folder!, Console.Error.WriteLine, progress, cancellation);
                }
                if (template is not null) imported = Measure(parsed, template, folder!, progress, cancellation);
            }
        }

        foreach (var doubt in imported?.Import.Doubts ?? []) Console.Error.WriteLine(doubt);
        if (parsed.GetValue(_json)) JsonOutput.Write(writer => MeasureJson.Write(writer, folder, written, imported));
        else MeasureText.Print(folder, written, imported);
        return (int)ExitCode.Ok;
    }

    private System.Collections.Immutable.ImmutableArray<LayerBits> Widths(ParseResult parsed)
    {
        LayerBits[] widths = [.. BitsOption.Parse(parsed.GetValue(_widths)!).Distinct()];
        return widths.Length > 0 ? [.. widths] : [LayerBits.Uniform(Bitwidth.Eight), LayerBits.Float];
    }

    private CommandTemplate? Template(ParseResult parsed) => parsed.GetValue(_run) is { } run ? CommandTemplate.Parse(run, "--run")
        : _ssh.Template(parsed);

    private BundleImport Measure(ParseResult parsed, CommandTemplate command, string folder, ConsoleProgress progress, CancellationToken cancellation)
    {
        string device = parsed.GetValue(_device) ?? (_ssh.Host(parsed) is { } host ? CommandName.OfHost(host) : CommandName.Of(command));
        if (_ssh.Host(parsed) is null && !command.TakesCommand)
        {
            var perFile = new DeviceCommand(command, parsed.GetValue(_repeats), TimeSpan.FromSeconds(parsed.GetValue(_timeout)));
            foreach (var doubt in BundleRun.Run(folder, perFile, device, progress, cancellation)) Console.Error.WriteLine(doubt);
            return Import(parsed, Path.Combine(folder, TimesFile.FileName), folder, command.Text, null, null);
        }
        var remote = new RemoteOptions { Runner = parsed.GetValue(_runner)!, Folder = parsed.GetValue(_remote), Copies = parsed.GetValue(_copy) is null };
        if (parsed.GetValue(_copy) is { } copy) RemoteBundle.Copy(CommandTemplate.Parse(copy, "--copy"), folder, cancellation);
        new RemoteBundle(command, remote).Run(folder, device, progress, cancellation);
        return Import(parsed, Path.Combine(folder, TimesFile.FileName), folder, command.Text, remote.Runner, remote.Folder);
    }

    private BundleImport Import(ParseResult parsed, string times, string? folder, string? run, string? runner, string? remote)
    {
        if (parsed.GetValue(_model) is { } model) RequireSame(OnnxModel.Load(model), folder ?? Path.GetDirectoryName(Path.GetFullPath(times))!);
        return BundleImport.Write(times, folder, parsed.GetValue(_hardware), parsed.GetValue(_device), run, runner, remote);
    }

    private static void RequireSame(OnnxModel model, string folder)
    {
        var bundle = ProbeBundle.Read(folder);
        if (bundle.ModelDigest == model.Digest()) return;
        throw DiagnosticCatalog.ForeignTimes.Error(new SourceLocation(Path.Combine(folder, ProbeBundle.FileName)),
            $"the bundle is of {bundle.Model} with SHA-256 {bundle.ModelDigest}, and {model.Name} has {model.Digest()}. Write a bundle of {model.Name} and measure it.");
    }
}
