using System.Text.RegularExpressions;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Evaluation.Devices;

/// <summary>A command line of the system's shell with <c>{}</c> where something is put in.</summary>
public sealed partial class CommandTemplate
{
    /// <summary>Where the path or the command goes.</summary>
    public const string Place = "{}";

    // A command that takes a command: adb shell {}, ssh board {}, sh -c {}.
    private static readonly string[] s_shells = ["shell", "-c", "exec"], s_clients = ["ssh", "dbclient", "plink"];

    private CommandTemplate(string text) => Text = text;

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What is put in is a command line, which another machine or shell runs, and not the path of a file.</summary>
    public bool TakesCommand
    {
        get
        {
            string[] words = Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 1 && words[^1] == Place && (s_shells.Contains(words[^2]) || IsClient(words[0]));
        }
    }

    /// <summary>A client of ssh with a host, which runs a command there.</summary>
    internal bool IsSsh => TakesCommand && IsClient(Text.Split(' ', 2)[0]);

    private static bool IsClient(string word) => s_clients.Contains(Path.GetFileNameWithoutExtension(word));

    /// <summary>Reads a template.</summary>
    /// <param name="text">The command line.</param>
    /// <param name="where">What errors name: an option, or a key.</param>
    /// <param name="at">Where it stands, where that is a file.</param>
    /// <exception cref="HaqException">It has no place (HAQ0236).</exception>
    public static CommandTemplate Parse(string text, string where, SourceLocation? at = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains($"'{Place}'", StringComparison.Ordinal) || text.Contains($"\"{Place}\"", StringComparison.Ordinal))
            throw DiagnosticCatalog.DeviceCommandWrong.Error(at, $"'{where} {text}' has quotes around {Place}, which is quoted where it has to be. Leave them out.");
        if (text.Contains(Place, StringComparison.Ordinal)) return new CommandTemplate(text.Trim());
        throw DiagnosticCatalog.DeviceCommandWrong.Error(at, $"'{where} {text}' has no {Place}, where the path of a model goes. Write it as {where} '{text.Trim()} {Place}'.");
    }

    /// <summary>The command line for a model file: <c>{}</c> is its path, <c>{name}</c> its name without <c>.onnx</c>, <c>{file}</c> its name, <c>{folder}</c> where it lies.</summary>
    public string For(string path) => Places().Replace(Text, place => Quoted(place.Value switch
    {
        "{name}" => Path.GetFileNameWithoutExtension(path),
        "{file}" => Path.GetFileName(path),
        "{folder}" => Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".",
        _ => path,
    }));

    /// <summary>The command line that has another shell run <paramref name="command"/>.</summary>
    public string Running(string command) => Text.Replace(Place, Quoted(command), StringComparison.Ordinal);

    // One pass: a path may hold such words itself.
    [GeneratedRegex(@"\{(name|file|folder)?\}")]
    private static partial Regex Places();

    /// <summary>One word for the shell of a device, which is a POSIX one.</summary>
    public static string QuotedThere(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text, "/._-:+@") ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>One word for the system's shell.</summary>
    public static string Quoted(string text) => OperatingSystem.IsWindows() ? QuotedForCmd(text) : QuotedThere(text);

    /// <summary>
    /// One word for a program that <c>cmd /c</c> starts. The program's own rules (quotes, and backslashes before them) come first; then every character that means something to <c>cmd</c> stands
    /// behind a caret, the quotes themselves too, so that it sees none, and no <c>%NAME%</c> that it would replace.
    /// </summary>
    /// <exception cref="HaqException">It has a line end, which <c>cmd</c> cannot pass on (HAQ0236).</exception>
    internal static string QuotedForCmd(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().ContainsAny('\r', '\n')) throw DiagnosticCatalog.DeviceCommandWrong.Error((SourceLocation?)null, $"'{text}' has a line end, which cmd cannot pass on. Write it in one line.");
        if (IsPlain(text, "/\\._-:+@")) return text;
        string word = $"\"{TrailingBackslashes().Replace(BeforeQuote().Replace(text, "$1$1\\\""), "$0$0")}\"";
        return Special().Replace(word, "^$0");
    }

    [GeneratedRegex(@"(\\*)""")]
    private static partial Regex BeforeQuote();

    [GeneratedRegex(@"\\+$")]
    private static partial Regex TrailingBackslashes();

    [GeneratedRegex(@"[()%!^""<>&|]")]
    private static partial Regex Special();

    private static bool IsPlain(string text, string others) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || others.Contains(c, StringComparison.Ordinal));
}
