using System.Globalization;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Running;

namespace Haq.Cluster.Settings;

/// <summary>
/// Which cluster, and how its members trust each other. It comes from the environment, or from whoever starts a command or build, never from a manifest; secrets from the environment alone.
/// </summary>
public sealed class ClusterSettings
{
    /// <summary>The variable that names the cluster.</summary>
    public const string AddressVariable = "HAQ_CLUSTER";

    internal const string SecretVariable = "HAQ_CLUSTER_SECRET", UserVariable = "HAQ_CLUSTER_USER", PasswordVariable = "HAQ_CLUSTER_PASSWORD", NameVariable = "HAQ_CLUSTER_NAME",
        CertificateVariable = "HAQ_CLUSTER_CERTIFICATE", KeyVariable = "HAQ_CLUSTER_KEY", AuthoritiesVariable = "HAQ_CLUSTER_CA", PatienceVariable = "HAQ_CLUSTER_TIMEOUT",
        WaitVariable = "HAQ_CLUSTER_WAIT", PlaintextVariable = "HAQ_CLUSTER_PLAINTEXT";

    private const string Off = "off", UsualName = "haq";
    private const int ShortestSecret = 16;

    private ClusterSettings(ClusterAddress address) => Address = address;

    /// <summary>The cluster, without credentials; with its name where that is not the usual one.</summary>
    public string Said => Name == UsualName ? Address.ToString() : $"{Address} ({Name})";

    /// <summary>How long a member may keep another one waiting before it counts as lost.</summary>
    public TimeSpan Patience { get; private init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client waits for a first worker before it goes on by itself.</summary>
    public TimeSpan Wait { get; private init; } = TimeSpan.FromSeconds(20);

    internal ClusterAddress Address { get; }

    /// <summary>Which of several clusters that one server keeps.</summary>
    internal string Name { get; private init; } = UsualName;

    internal byte[]? Secret { get; private init; }

    internal string? User { get; private init; }

    internal string? Password { get; private init; }

    /// <summary>The password may go to the server unencrypted: the network to it is trusted.</summary>
    internal bool AllowsPlaintext { get; private init; }

    /// <summary>A PEM file of the authorities that the server's certificate may be from; null for the system's.</summary>
    internal string? AuthoritiesFile { get; private init; }

    internal Security.ClusterCertificates? Certificates { get; private init; }

    /// <summary>Where the members on this machine find each other, where the cluster is <c>localhost</c>.</summary>
    internal string MembershipFile { get; private init; } = "";

    /// <summary>What the environment and the arguments say.</summary>
    /// <param name="address">The cluster, in place of the environment's; null or empty leaves the choice to that.</param>
    /// <param name="read">Reads a variable of the environment.</param>
    /// <param name="isProjects">A project says the address, and may be a stranger's: what the environment holds is not for whomever it names.</param>
    /// <returns>The settings; null where there is no cluster.</returns>
    /// <exception cref="HaqException">A setting is wrong (HAQ0970).</exception>
    public static ClusterSettings? Read(string? address, Func<string, string?> read, bool isProjects = false)
    {
        ArgumentNullException.ThrowIfNull(read);
        string? given = Given(address), named = Given(read(AddressVariable));
        string text = (given ?? named ?? Off).Trim();
        if (text.Equals(Off, StringComparison.OrdinalIgnoreCase)) return null;
        var where = ClusterAddress.Parse(text);
        if (isProjects && given is not null && where.Kind != ClusterKind.Localhost && new[] { SecretVariable, PasswordVariable }.Any(v => Given(read(v)) is not null)
            && (named is null || ClusterAddress.Parse(named.Trim()) != where))
        {
            throw Wrong($"the project's HaqCluster names {where}, and the secrets in the environment are for another cluster. Name the cluster in {AddressVariable}, or take the property out of the project.");
        }
        string name = NameOf(Given(read(NameVariable)));
        bool allowsPlaintext = Given(read(PlaintextVariable)) is { } said && (bool.TryParse(said, out bool parsed) ? parsed : throw Wrong($"{PlaintextVariable} is '{said}'. Expected true or false."));
        if (where is { Kind: ClusterKind.Redis, IsEncrypted: false, IsHere: false } && Given(read(PasswordVariable)) is not null && !allowsPlaintext)
            throw Wrong($"{where} would get {PasswordVariable} unencrypted. Write rediss:// for TLS; where the network to it is trusted, set {PlaintextVariable}=true.");
        return new ClusterSettings(where)
        {
            Name = name,
            // Not in HAQ_CACHE: members with caches of their own have to find each other.
            MembershipFile = Path.Combine(StageCache.PlatformRoot(read), "cluster", name + ".json"),
            Secret = SecretOf(Given(read(SecretVariable))),
            User = Given(read(UserVariable)),
            Password = Given(read(PasswordVariable)),
            AllowsPlaintext = allowsPlaintext,
            AuthoritiesFile = Given(read(AuthoritiesVariable)),
            Certificates = Security.ClusterCertificates.Read(Given(read(CertificateVariable)), Given(read(KeyVariable)), Given(read(AuthoritiesVariable)), where.IsEncrypted),
            Patience = Seconds(PatienceVariable, Given(read(PatienceVariable)), 1, 600) ?? TimeSpan.FromSeconds(15),
            Wait = Seconds(WaitVariable, Given(read(WaitVariable)), 0, 86400) ?? TimeSpan.FromSeconds(20),
        };
    }

    internal static HaqException Wrong(string message, Exception? cause = null) => DiagnosticCatalog.ClusterInvalid.Error((SourceLocation?)null, message, cause);

    internal static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static byte[]? SecretOf(string? text) => text switch
    {
        null => null,
        { Length: < ShortestSecret } => throw Wrong($"{SecretVariable} has {text.Length} characters. Expected {ShortestSecret} or more, as 'openssl rand -hex 32' makes them: a short one can be guessed."),
        _ => Encoding.UTF8.GetBytes(text),
    };

    // It becomes the name of a file, and of keys.
    private static string NameOf(string? name)
    {
        if (name is null) return UsualName;
        return name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : throw Wrong($"{NameVariable} is '{name}'. Expected up to 64 letters, digits, '-' and '_'.");
    }

    private static TimeSpan? Seconds(string variable, string? text, double least, double most)
    {
        if (text is null) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds >= least && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"{variable} is '{text}'. Expected a number of seconds, {least} to {most}."));
    }
}
