export { AuthError, type AuthErrorCode } from "./auth-error.js";
export { hashPassword, type PasswordCost } from "./hash-password.js";
export { parsePasswordFile, setPasswordLine } from "./password-lines.js";
export { verifyPassword } from "./verify-password.js";
