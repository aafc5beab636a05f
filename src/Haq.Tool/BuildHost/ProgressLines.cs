using System.Diagnostics;
using Haq.Build.Protocol;

namespace Haq.Tool.BuildHost;

/// <summary>
/// Lets few of many progress reports through. A build log is read afterwards: a line every few seconds at normal verbosity, and now and then one
/// that is shown at minimal verbosity too, so that a long search is not silence.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="interval">At least this long between lines.</param>
/// <param name="loudInterval">At least this long between lines for minimal verbosity; the first line is one.</param>
internal sealed class ProgressLines(TextWriter output, TimeSpan interval, TimeSpan loudInterval) : IProgress<string>
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private Stopwatch? _sinceLoud;

    public void Report(string value)
    {
        lock (_lock)
        {
            if (_sinceLast.Elapsed < interval) return;
            _sinceLast.Restart();
            bool loud = _sinceLoud is null || _sinceLoud.Elapsed >= loudInterval;
            if (loud) _sinceLoud = Stopwatch.StartNew();
            output.WriteLine((loud ? BuildRequest.NoticeMark : BuildRequest.ProgressMark) + value.ReplaceLineEndings(" "));
            output.Flush();
        }
    }
}
