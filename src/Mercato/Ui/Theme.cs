namespace Mercato.Ui;

/// <summary>
/// Light or dark as the visitor chose; without a choice the browser's preference decides. The choice is a cookie and
/// not local storage, so that the first paint is right without a script in the head.
/// </summary>
internal static class Theme
{
    public static string? Of(HttpContext? http) =>
        http?.Request.Cookies["mercato-theme"] is ("light" or "dark") and var chosen ? chosen : null;
}
