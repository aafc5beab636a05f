using System.Diagnostics;
using Haq.Build.Protocol;

namespace Haq.Tool.BuildHost;

/// <summary>Lets few of many progress reports through: a build log is read afterwards, and one line every few seconds says it all.</summary>
internal sealed class ProgressLines(TextWriter output, TimeSpan interval) : IProgress<string>
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();

    public void Report(string value)
    {
        lock (_lock)
        {
            if (_sinceLast.Elapsed < interval) return;
            _sinceLast.Restart();
            output.WriteLine(BuildRequest.ProgressMark + value.ReplaceLineEndings(" "));
            output.Flush();
        }
    }
}
