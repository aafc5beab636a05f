namespace Haq.Cluster.Settings;

/// <summary>What to look at where a cluster's list of members cannot be used.</summary>
internal static class ClusterHint
{
    public static string For(ClusterSettings settings) => settings.Address.Kind switch
    {
        ClusterKind.Redis when settings.Address.IsEncrypted =>
            $"Is Redis there, is its certificate for that name and from the system's authorities or {ClusterSettings.AuthoritiesVariable}, "
            + $"and do {ClusterSettings.UserVariable} and {ClusterSettings.PasswordVariable} fit?",
        ClusterKind.Redis => $"Is Redis there, and do {ClusterSettings.UserVariable} and {ClusterSettings.PasswordVariable} fit?",
        ClusterKind.Postgres => $"Is PostgreSQL there, do {ClusterSettings.UserVariable} and {ClusterSettings.PasswordVariable} fit, "
            + "and were its tables made ('haq worker --cluster … --create-tables')?",
        _ => $"Can '{settings.MembershipFile}' be written?",
    };
}
